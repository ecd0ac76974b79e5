import { expect, test } from 'vitest'
import { domainProject } from '../../fixtures/drift.ts'
import { detectProfile } from './detect-profile.ts'

const detected = async (dependencies: readonly string[] | null, profile?: 'pg'): Promise<unknown> => {
  const manifest = { dependencies: Object.fromEntries((dependencies ?? []).map((name) => [name, '1'])) }
  await using project = await domainProject({
    'domain.ts': '',
    ...(dependencies === null ? {} : { 'package.json': JSON.stringify(manifest) }),
  })
  return await detectProfile(project.root, { files: 'domain.ts', profile })
}

test('the driver is the one that the package depends on, unless the config names it or two are possible', async () => {
  expect([
    await detected(['postgres']),
    await detected(['pg', 'drizzle-orm']),
    await detected(['postgres', 'drizzle-orm']),
    await detected(['pg', 'postgres']),
    await detected([]),
    await detected(null),
    await detected(['postgres', 'drizzle-orm'], 'pg'),
  ]).toEqual(['postgres', 'pg', 'drizzle', 'postgres', 'postgres', 'postgres', 'pg'])
})
