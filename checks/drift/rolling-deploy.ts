import { relationsOf } from '../../migrations/catalog/relations.ts'
import type { CatalogObject } from '../../migrations/catalog/catalog.ts'
import { baseSources } from '../../migrations/base-sources.ts'
import type { BranchComparison } from '../../migrations/branch.ts'
import { LandfallError, messageOf, type Location } from '../../migrations/error.ts'
import { locate } from '../../migrations/origin.ts'
import { originOf, type SystemProof } from '../../migrations/prove.ts'
import type { DomainSettings } from '../settings.ts'
import { compareCompat, type CompatDifference } from './compat.ts'
import { extractTypes } from './extract.ts'
import type { TypeModel } from './type-model.ts'

/** What breaks while old and new code run side by side, or why that was not asked. */
export type CompatFact = { readonly differences: readonly (CompatDifference & Places)[] } | { readonly skipped: string }

interface Places {
  /** The line of the branch that breaks it. */
  readonly migration: Location | null
  /** The line in the TypeScript as it is now; the type's, when the property is gone. */
  readonly code: Location | null
}

export interface RollingDeploy {
  readonly root: string
  readonly base: string
  readonly schema: string
  readonly settings: DomainSettings
  readonly branch: BranchComparison
  readonly proof: SystemProof
  readonly model: TypeModel
}

/** Reads the base's interfaces from git and holds them against the new schema, and the new ones against the base's. */
export async function compareDeploy(deploy: RollingDeploy): Promise<CompatFact> {
  const { root, base, schema, settings, branch, proof, model } = deploy
  const first = proof.proofs.find(({ migration }) => branch.added.has(migration.up.file))
  if (first === undefined) return { skipped: 'the branch adds no migration' }
  await using sources = await baseSources(root, base)
  const { files, tsconfig } = settings
  const old = await extractTypes({ root: sources.root, files, tsconfig }).catch((error: unknown) => {
    if (error instanceof LandfallError && error.kind === 'usage') return messageOf(error)
    throw error
  })
  if (typeof old === 'string') return { skipped: `the types of the base cannot be read: ${old}` }
  const differences = await compareCompat({
    base: { model: old, relations: relationsOf({ objects: first.before }) },
    head: { model, relations: relationsOf(proof.catalog) },
    schema,
    settings,
  })
  const placed = differences.map(async (one) => ({
    ...one,
    migration: await placeOf(deploy, one),
    code: codeOf(deploy, one),
  }))
  return { differences: await Promise.all(placed) }
}

/** Where the branch defines the object, or does away with it. */
async function placeOf(
  { proof, branch }: RollingDeploy,
  { object, definedBy }: CompatDifference,
): Promise<Location | null> {
  const isNamed = ({ kind, name }: CatalogObject): boolean => KINDS.has(kind) && name === object
  for (const { migration, before, after } of proof.proofs) {
    const gone = branch.added.has(migration.up.file) && !after?.some(isNamed) && before.find(isNamed)
    if (gone) return locate(migration.up, gone)
  }
  return originOf(proof, definedBy) ?? originOf(proof, object)
}

const KINDS: ReadonlySet<string> = new Set(['column', 'table', 'view', 'materialized view', 'foreign table'])

function codeOf({ model }: RollingDeploy, { type: name, property, typescript }: CompatDifference): Location | null {
  const type = model.types.find((one) => one.name === name)
  const own = type?.properties?.find((one) => one.name === property)
  return own?.location ?? type?.location ?? { ...typescript, line: null, column: null }
}
