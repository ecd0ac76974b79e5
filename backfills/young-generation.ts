import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Two halves of 16 MB. */
const ENOUGH = 32 * 1024 * 1024
let bounded = false

/**
 * Keeps V8's young generation from growing to 134 MB, which it does in any process that makes many objects and which gains
 * nothing here. There is no other way to bound it from inside a process: to be called now and then while it grows.
 */
export function boundYoungGeneration(): void {
  if (bounded) return
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  if (young === undefined || young.space_size < ENOUGH) return
  setFlagsFromString('--semi-space-growth-factor=1')
  bounded = true
}
