// Imported first: a node rests most of its life, and runs on small boxes.
import { setFlagsFromString } from 'node:v8';

// The young generation would grow to 16 MB of garbage before V8 looks at it.
setFlagsFromString('--semi-space-growth-factor=1');
