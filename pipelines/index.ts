export { defineConfig, type LandfallConfig } from './config.ts'
export * from '../backfills/index.ts'
