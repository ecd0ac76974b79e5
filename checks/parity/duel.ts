import type { Opened, Parity } from './define.ts'
import { isSameOutcome, type Outcome } from './outcome.ts'
import { newPlayer, type Manner, type Player, type Step } from './player.ts'

/** Where the two part ways: the last step of the sequence. */
export interface Parting {
  readonly kind: 'differs' | 'untyped-error' | 'no-answer'
  readonly steps: readonly Step[]
  /** What the second implementation came to: for each step, for each of its calls. */
  readonly answers: readonly (readonly Outcome[])[]
  /** What the first one came to in the last step. */
  readonly expected: readonly Outcome[]
  /** Which call of the last step. */
  readonly call: number
}

/** Ends a sequence. */
export class Parted extends Error {
  readonly parting: Parting
  constructor(parting: Parting) {
    super(parting.kind)
    this.parting = parting
  }
}

/** The first implementation, and the orders in which it took what the second was asked at the same time. */
interface World {
  readonly player: Player
  readonly manners: readonly Manner[]
}

/** So many accounts of what the second implementation has done are followed; beyond them nothing runs at the same time. */
const WORLDS = 8

/** Both implementations in the course of one sequence. */
export interface Duel {
  /** Throws Parted. */
  step(step: Step): Promise<Outcome[]>
}

export async function beginDuel(
  [first, second]: readonly [Opened<object>, Opened<object>],
  parity: Parity,
): Promise<Duel> {
  const candidate = await newPlayer(second, parity)
  let worlds: World[] = [{ player: await newPlayer(first, parity), manners: [] }]
  const steps: Step[] = []
  const answered: Outcome[][] = []

  /** A world of its own that has come as far. */
  const again = async (manners: readonly Manner[]): Promise<Player> => {
    const player = await newPlayer(first, parity)
    for (const [n, manner] of manners.entries()) await player.play(steps[n]!, manner)
    return player
  }

  return {
    async step(step) {
      const orders = ordersOf(step)
      const atOnce = orders.length > 1 && worlds.length * orders.length <= WORLDS
      const answers = await candidate.play(step, atOnce ? 'at once' : orders[0]!)
      const next: World[] = []
      let said: Outcome[] | null = null
      for (const { player, manners } of worlds) {
        for (const [n, order] of (atOnce ? orders : [orders[0]!]).entries()) {
          const own = n === 0 ? player : await again(manners)
          const expected = await own.play(step, order)
          said ??= expected
          if (!answers.every((answer, call) => isSameOutcome(answer, expected[call]!))) continue
          next.push({ player: own, manners: [...manners, order] })
          // What was refused has changed nothing: before or after the other call is the same.
          if (answers.some(({ kind }) => kind !== 'returned')) break
        }
      }
      steps.push(step)
      answered.push(answers)
      const part = (kind: Parting['kind'], call: number): never => {
        throw new Parted({ kind, steps, answers: answered, expected: said!, call })
      }
      for (const [call, answer] of answers.entries()) {
        const both = [said![call]!, answer]
        if (both.some(({ kind }) => kind === 'silent')) part('no-answer', call)
        if (both.some((one) => one.kind === 'thrown' && !one.own)) part('untyped-error', call)
      }
      if (next.length === 0)
        part(
          'differs',
          Math.max(
            0,
            answers.findIndex((answer, call) => !isSameOutcome(answer, said![call]!)),
          ),
        )
      worlds = next
      return answers
    },
  }
}

/** In which orders the calls of a step may have been made. */
const ordersOf = ({ calls }: Step): number[][] =>
  calls.length === 1 ? [[0]] : [calls.map((_, n) => n), calls.map((_, n) => n).toReversed()]
