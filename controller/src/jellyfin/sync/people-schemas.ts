// Users and policies as they are written back whole, and the libraries that a policy names. Pure.
import * as z from 'zod';

const text = z.string().nullish();
const flag = z.boolean().nullish();
const words = z.array(z.string()).nullish();

/** Every field is kept, known or not: a POST replaces the whole policy, and what it leaves out takes a permissive default. */
export const policyAnswer = z.looseObject({
  IsAdministrator: flag,
  IsDisabled: flag,
  MaxParentalRating: z.number().nullish(),
  MaxParentalSubRating: z.number().nullish(),
  BlockedTags: words,
  AllowedTags: words,
  BlockUnratedItems: words,
  EnableAllFolders: flag,
  EnabledFolders: words,
  EnableLiveTvAccess: flag,
  AuthenticationProviderId: z.string().min(1),
  PasswordResetProviderId: z.string().min(1),
});
export type PolicyAnswer = z.infer<typeof policyAnswer>;

/** GET /Users/{id}, and what POST /Users/New answers with. Kept whole: a rename writes it back. */
export const wholeUser = z.looseObject({ Id: z.string().min(1), Name: z.string(), Policy: policyAnswer });
export type WholeUser = z.infer<typeof wholeUser>;

/** GET /Users, for names. */
export const userNames = z.array(z.object({ Id: z.string().min(1), Name: z.string() }));

/** GET /Library/VirtualFolders */
export const virtualFolders = z.array(z.object({ Name: z.string(), ItemId: text }));
export type VirtualFolder = z.infer<typeof virtualFolders>[number];
