// The version that presence carries. A constant, because the bundle has no package.json beside it; a test keeps the two equal.
export const version = '0.1.0';
