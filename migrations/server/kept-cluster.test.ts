import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keptCluster } from './kept-cluster.ts'

test('the newest whole cluster of a kind comes back; what is cut, changed, foreign or half written does not', async () => {
  const home = await mkdtemp(join(tmpdir(), 'landfall-kept-'))
  await chmod(home, 0o755)
  const [cache, data, back] = [join(home, 'cache'), join(home, 'data'), join(home, 'back')]
  const kept = keptCluster(cache, 'a-1')
  /** What is restored, and nothing left where nothing is. */
  const restored = async (): Promise<string | null> => {
    const there = await kept.restore(back, {})
    const text = there ? await readFile(join(back, 'base/1'), 'utf8') : null
    await rm(back, { recursive: there })
    return text
  }
  const nothing = async (): Promise<boolean> => {
    const there = await kept.restore(back, {})
    return !there && !(await readdir(home)).includes('back')
  }
  await mkdir(join(data, 'base'), { recursive: true })
  expect(await nothing()).toBe(true) // no directory yet
  for (const text of ['first', 'second']) {
    await writeFile(join(data, 'base/1'), text.repeat(100_000))
    await kept.save(data)
    expect((await readdir(cache)).length).toBe(1)
    expect(await restored()).toBe(text.repeat(100_000))
  }
  const [file] = (await readdir(cache)).map((name) => join(cache, name))
  const whole = await readFile(file!)
  await truncate(file!, whole.length - 10_240)
  expect(await nothing()).toBe(true)
  await writeFile(file!, Buffer.from(whole).fill('x', 100_000, 100_010))
  expect(await nothing()).toBe(true)
  await writeFile(join(cache, `a-1-${'0'.repeat(64)}.tar`), 'no archive')
  await writeFile(join(cache, 'a-1-feed.part'), 'killed')
  await writeFile(join(cache, 'of-the-team.tar'), whole)
  expect(await nothing()).toBe(true)
  await utimes(join(cache, 'a-1-feed.part'), 0, 0)
  await kept.save(data)
  expect(await restored()).toBe('second'.repeat(100_000))
  expect((await readdir(cache)).length).toBe(2) // its own, and the team's
  expect(await keptCluster(cache, 'a').restore(back, {})).toBe(false)
  await rm(home, { recursive: true })
})
