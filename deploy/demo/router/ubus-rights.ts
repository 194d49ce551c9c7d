// rpcd's access rights from an ACL file: the ubus half and the uci or file half must both be granted. Pure.

/** An rpcd ACL group's file: what `read` grants everyone in it, and `write` only a login with `list write`. */
type Grants = {
  readonly ubus?: Readonly<Record<string, readonly string[]>>;
  readonly uci?: readonly string[];
  readonly file?: Readonly<Record<string, readonly string[]>>;
};
export type Acl = Readonly<Record<string, { readonly read: Grants; readonly write: Grants }>>;
/** What a session may do, by scope; `may` is rpcd's session access. */
export type Rights = {
  readonly call: (object: string, method: string) => boolean;
  readonly uci: (config: string, write: boolean) => boolean;
  readonly file: (path: string, what: string) => boolean;
};
export function rightsOf(acl: Acl, mayWrite: boolean): Rights {
  const grants = Object.values(acl).flatMap((group) => (mayWrite ? [group.read, group.write] : [group.read]));
  const matches = (pattern: string, name: string): boolean =>
    pattern === name || (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)));
  const inside = (table: Readonly<Record<string, readonly string[]>> | undefined, name: string, what: string): boolean =>
    Object.entries(table ?? {}).some(([pattern, list]) => matches(pattern, name) && list.includes(what));
  const writing = new Set(Object.values(acl).map((group) => group.write));
  return {
    call: (object, method) => grants.some((one) => inside(one.ubus, object, method)),
    uci: (config, write) => grants.some((one) => (!write || writing.has(one)) && (one.uci ?? []).includes(config)),
    file: (path, what) => grants.some((one) => inside(one.file, path, what)),
  };
}
