#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Reading TypeScript is most of a short command: what Node made of it is kept in Node's own cache, for what is imported from
// here on (NODE_COMPILE_CACHE says where, NODE_DISABLE_COMPILE_CACHE says no). So this file is JavaScript: for one file of
// TypeScript that no cache has, Node loads its whole transpiler.
enableCompileCache()
await import('./cli.ts')
