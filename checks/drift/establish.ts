import type { BranchComparison } from '../../migrations/branch.ts'
import { originOf, type SystemProof } from '../../migrations/prove.ts'
import type { Facts, FactsRequest } from '../facts.ts'
import type { Once } from '../once.ts'
import type { DomainSettings } from '../settings.ts'
import type { DriftDifference, DriftFact } from './difference.ts'
import type { Mended } from './mend.ts'
import type { CompatFact } from './rolling-deploy.ts'
import type { TypeModel } from './type-model.ts'

/** The facts of a system's domain: its types, how they differ from the tables, and from those of the base. */
export function driftFacts({
  request: { system, base, mend, onNote, onError },
  once,
  branch,
  proof,
}: {
  readonly request: FactsRequest
  readonly once: Once
  readonly branch: () => Promise<BranchComparison | null>
  readonly proof: () => Promise<SystemProof>
}): Pick<Facts, 'domain' | 'drift' | 'compat' | 'mended' | 'unmended'> {
  const {
    root,
    name,
    migrations: { schema },
  } = system
  const readDomain = async ({ files, tsconfig }: DomainSettings): Promise<TypeModel> => {
    const { extractTypes } = await import('./extract.ts')
    const reading = extractTypes({ root, files: [files].flat(), tsconfig })
    // What will compare them loads meanwhile.
    const [model] = await Promise.all([reading, import('./compare.ts')])
    return model
  }
  let settling: Promise<DomainSettings> | null = null
  /** With the driver that the code opens, or the package depends on, where the settings name none. */
  const settled = (settings: DomainSettings): Promise<DomainSettings> =>
    (settling ??= (async () => {
      const { detectProfile } = await import('./detect-profile.ts')
      const { profile, names, because } = await detectProfile(root, settings)
      if (because.length > 0) onNote?.(`${name}: the driver's rows as the code reads them: ${because.join(', ')}`)
      return { ...settings, profile, names }
    })())
  const domain = once('domain', [], async () => {
    if (system.domain === null) return null
    const [model] = await Promise.all([readDomain(system.domain), settled(system.domain)])
    return model
  })
  const mended: DriftDifference[] = []
  const unmended: Mended['left'][number][] = []
  const drift = once('drift', system.domain === null ? [] : [domain, proof], async () => {
    if (system.domain === null) return null
    const settings = await settled(system.domain)
    const replayed = await proof()
    const [{ compareDrift, unresolvedIn }, { refuseNonsense }, { relationsOf }] = await Promise.all([
      import('./compare.ts'),
      import('./plausible.ts'),
      import('../../migrations/catalog/relations.ts'),
    ])
    const relations = relationsOf(replayed.catalog)
    refuseNonsense(relations)
    const compare = (model: TypeModel): Promise<DriftFact> =>
      compareDrift({ model, relations, schema, settings, originOf: (object) => originOf(replayed, object) })
    let fact = await compare((await domain())!)
    const settle = (): DriftFact => {
      const unresolved = unresolvedIn(fact)
      if (unresolved !== null) onError(unresolved)
      return fact
    }
    if (mend === undefined) return settle()
    const { mendSources } = await import('./mend.ts')
    // One edit may make room for the next; those that would undo each other end with the last round.
    for (let round = 0; round < 4; round += 1) {
      const { edited, left } = await mendSources(root, fact.differences.filter(mend))
      unmended.splice(0, Infinity, ...left)
      if (edited.length === 0) break
      mended.push(...edited)
      fact = await compare(await readDomain(settings))
    }
    return settle()
  })
  const compat = once('compat', [], async (): Promise<CompatFact> => {
    if (base === null) return { skipped: 'there is no base to compare with: --base REF' }
    if (system.domain === null) return { skipped: 'the system has no domain' }
    const [merged, replayed, model] = [await branch(), await proof(), await domain()]
    if (!replayed.complete) return { skipped: 'the replay failed' }
    const { compareDeploy } = await import('./rolling-deploy.ts')
    return compareDeploy({
      root,
      base,
      schema,
      settings: await settled(system.domain),
      branch: merged!,
      proof: replayed,
      model: model!,
    })
  })
  return { domain, drift, compat, mended, unmended }
}
