process.env['WORKER_RECORDS'] = '60000'
process.env['WORKER_KILLS'] = '60'
await import('./kill.test.ts')
