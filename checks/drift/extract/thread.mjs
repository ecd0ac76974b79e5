import { enableCompileCache } from 'node:module'

// As pipelines/landfall.mjs: a thread has its own view of Node's cache, and nine megabytes of compiler to find there.
enableCompileCache()
await import('./thread.ts')
