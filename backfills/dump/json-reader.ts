import { isUtf8 } from 'node:buffer'
import { LandfallError } from '../../migrations/error.ts'

/** A JSON value as it stands in a file. */
export interface JsonText {
  readonly bytes: Buffer
  /** Of its first byte, from 1. */
  readonly line: number
}

const code = (character: string): number => character.charCodeAt(0)
const [QUOTE, BACKSLASH, NEWLINE] = ['"', '\\', '\n'].map(code) as [number, number, number]
const SPACE: ReadonlySet<number> = new Set([' ', '\t', '\r', '\n'].map(code))
const OPENING: ReadonlySet<number> = new Set(['[', '{'].map(code))
const CLOSING: ReadonlySet<number> = new Set([']', '}'].map(code))
const ENDING: ReadonlySet<number> = new Set([',', ']', '}', ':'].map(code))
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Walks through a JSON document that is longer than memory: its outline bracket by bracket, what is inside value by value.
 * A value's end is found by brackets and quotes alone; whether it is JSON is for who parses it.
 */
export class JsonReader {
  readonly file: string
  line = 1
  readonly #chunks: AsyncIterator<Buffer>
  #buffer: Buffer = Buffer.alloc(0)
  #at = 0
  #begun = false

  constructor(file: string, chunks: AsyncIterable<Buffer>) {
    this.file = file
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next character that is no white space, not consumed; null at the end. */
  async peek(): Promise<string | null> {
    for (;;) {
      while (this.#at < this.#buffer.length) {
        const byte = this.#buffer[this.#at]!
        if (!SPACE.has(byte)) return String.fromCharCode(byte)
        if (byte === NEWLINE) this.line += 1
        this.#at += 1
      }
      if (!(await this.#more(this.#at))) return null
      this.#at = 0
    }
  }

  /** Consumes this character, which has to be the next. */
  async expect(character: string): Promise<void> {
    const next = await this.peek()
    if (next !== character) throw this.broken(`expected ${character} and found ${next ?? 'the end of the file'}`)
    this.#at += 1
  }

  /** Consumes this character, if it is the next. */
  async take(character: string): Promise<boolean> {
    if ((await this.peek()) !== character) return false
    this.#at += 1
    return true
  }

  /** Consumes a value. */
  async value(): Promise<JsonText> {
    if ((await this.peek()) === null) throw this.broken('the file ends before it is complete')
    const { line } = this
    let [from, end, depth, inString, escaped] = [this.#at, this.#at, 0, false, false]
    for (;;) {
      for (; end < this.#buffer.length; end += 1) {
        const byte = this.#buffer[end]!
        if (byte === NEWLINE) this.line += 1
        if (inString) {
          if (escaped) escaped = false
          else if (byte === BACKSLASH) escaped = true
          else if (byte === QUOTE) inString = false
          continue
        }
        if (depth === 0 && end > from && (ENDING.has(byte) || SPACE.has(byte))) {
          if (byte === NEWLINE) this.line -= 1 // it is not consumed
          return this.#slice(from, end, line)
        }
        if (byte === QUOTE) inString = true
        else if (OPENING.has(byte)) depth += 1
        else if (CLOSING.has(byte) && --depth <= 0) return this.#slice(from, depth < 0 ? end : end + 1, line)
      }
      if (!(await this.#more(from))) {
        if (depth > 0 || inString) throw this.broken('the file ends inside of this value', line)
        return this.#slice(0, this.#buffer.length, line)
      }
      ;[end, from] = [end - from, 0]
    }
  }

  /** Consumes a value and parses it. */
  async parsed(): Promise<unknown> {
    const { bytes, line } = await this.value()
    try {
      return JSON.parse(bytes.toString())
    } catch (cause) {
      throw this.broken(`this is no JSON: ${bytes.subarray(0, 60).toString()}`, line, cause)
    }
  }

  /** The members of an object; the caller consumes each value. */
  async *members(): AsyncGenerator<string> {
    await this.expect('{')
    for (let first = true; !(await this.take('}')); first = false) {
      if (!first) await this.expect(',')
      const name = await this.parsed()
      if (typeof name !== 'string') throw this.broken('expected a name in double quotes')
      await this.expect(':')
      yield name
    }
  }

  /** The elements of an array. */
  async *elements(): AsyncGenerator<JsonText> {
    await this.expect('[')
    for (let first = true; !(await this.take(']')); first = false) {
      if (!first) await this.expect(',')
      yield await this.value()
    }
  }

  broken(message: string, line = this.line, cause?: unknown): LandfallError {
    return new LandfallError('usage', 'data/malformed', message, {
      location: { file: this.file, line, column: null },
      next: 'a dump is what landfall data export writes; nothing was imported',
      cause,
    })
  }

  #slice(from: number, to: number, line: number): JsonText {
    const bytes = this.#buffer.subarray(from, to)
    if (!isUtf8(bytes)) throw this.broken('these bytes are not UTF-8', line)
    this.#at = to
    return { bytes, line }
  }

  /** Reads on, and keeps what is there from `keep` on. A long value is read in ever longer pieces. */
  async #more(keep: number): Promise<boolean> {
    const pieces = [this.#buffer.subarray(keep)]
    let fresh = 0
    do {
      const { value, done } = await this.#chunks.next()
      if (done) break
      const chunk = !this.#begun && value.subarray(0, 3).equals(BOM) ? value.subarray(3) : value
      this.#begun = true
      pieces.push(chunk)
      fresh += chunk.length
    } while (fresh < pieces[0]!.length)
    this.#buffer = Buffer.concat(pieces)
    return fresh > 0
  }
}
