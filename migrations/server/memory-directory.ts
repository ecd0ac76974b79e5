import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'

const TMPFS = 0x01021994
/** What a server may come to: its log of changes, and the databases of a large system several times. */
const ROOM = 4 * 2 ** 30

/**
 * Where what does not outlive a run is best kept: a file system in memory, since making and removing the three hundred
 * files of a database takes longer on a disk than filling them. The temporary directory where there is none, where it has
 * no room (a container's own has 64 MB), or where TMPDIR says that things go elsewhere.
 */
export async function memoryDirectory(memory = '/dev/shm', room = ROOM): Promise<string> {
  const temporary = tmpdir()
  if (temporary !== '/tmp') return temporary
  try {
    const { type, bavail, bsize } = await statfs(memory)
    await access(memory, constants.W_OK | constants.X_OK)
    return type === TMPFS && bavail * bsize >= room ? memory : temporary
  } catch {
    return temporary
  }
}
