import { against, fixedSince, readBaseline, writeBaseline } from '../checks/baseline.ts'
import { completeFinding } from '../checks/complete-finding.ts'
import type { Facts } from '../checks/facts.ts'
import type { Finding } from '../checks/finding.ts'
import type { Config } from './load-config.ts'

/** A baseline in use during a run. */
interface AcceptedDrift {
  readonly judge: (finding: Finding) => Finding
  /** After the checks: writes the file when it is to be updated, else tells what it accepts in vain. */
  readonly settle: (facts: readonly Facts[], findings: readonly Finding[]) => Promise<Finding[]>
}

/** The drift that the team has accepted; null without a baseline. Throws as `readBaseline` does. */
export async function openBaseline(request: {
  readonly config: Config
  readonly updateBaseline?: boolean
}): Promise<AcceptedDrift | null> {
  const { root, baseline: file, rules } = request.config
  const baseline = await readBaseline(root, file)
  const compared = (facts: readonly Facts[]): Set<string> =>
    new Set(facts.filter(({ established }) => established.drift).map(({ system }) => system.name))
  if (request.updateBaseline) {
    return {
      judge: against(() => true),
      settle: async (facts, findings) => {
        const systems = compared(facts)
        const own = findings.filter(({ check, system }) => check === 'drift' && systems.has(system))
        const kept = new Set(request.config.systems.map(({ name }) => name).filter((name) => !systems.has(name)))
        const others = (baseline?.findings ?? []).filter(({ system }) => kept.has(system))
        if (systems.size > 0) await writeBaseline(root, file, own, others)
        return []
      },
    }
  }
  if (baseline === null) return null
  const known = new Set(baseline.findings.map(({ fingerprint }) => fingerprint))
  return {
    judge: against(({ fingerprint }) => known.has(fingerprint)),
    settle: async (facts, findings) =>
      fixedSince(baseline, compared(facts), findings).flatMap(({ entry, location }) => {
        const message = `${entry.object ?? entry.message}: ${entry.rule} is fixed, and ${file} still accepts it; take it out with landfall drift --update-baseline`
        const { system, object } = entry
        const reported = { rule: 'drift/fixed', message, object, location, isNew: false, identity: [entry.fingerprint] }
        return completeFinding(reported, { system, check: 'drift', rules }) ?? []
      }),
  }
}
