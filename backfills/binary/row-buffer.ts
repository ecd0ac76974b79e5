/** Below it, a loop over the characters is cheaper than a call out of JavaScript. */
const SHORT = 48
const [QUOTE, BACKSLASH] = [0x22, 0x5c]

/** Bytes that grow, numbers in network order: rows in the binary format of COPY, one behind the other. */
export class RowBuffer {
  bytes: Buffer = Buffer.allocUnsafe(64 * 1024)
  length = 0

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  int16(value: number): void {
    this.reserve(2)
    const { bytes } = this
    bytes[this.length++] = value >> 8
    bytes[this.length++] = value
  }

  int32(value: number): void {
    this.reserve(4)
    this.putInt32(value, this.length)
    this.length += 4
  }

  /** Of a safe integer, or of a bigint of 64 bits. */
  int64(value: number | bigint): void {
    this.reserve(8)
    if (typeof value === 'bigint') this.bytes.writeBigInt64BE(value, this.length)
    else {
      this.putInt32(Math.floor(value / 4_294_967_296), this.length)
      this.putInt32(value, this.length + 4)
    }
    this.length += 8
  }

  float64(value: number): void {
    this.reserve(8)
    this.bytes.writeDoubleBE(value, this.length)
    this.length += 8
  }

  /** In UTF-8. */
  text(value: string): void {
    const { length } = value
    this.reserve(length * 3)
    if (length < SHORT && this.#shortAscii(value)) return
    this.length += this.bytes.write(value, this.length, 'utf8')
  }

  /** A short text between quotes, in which no character needs to be escaped; answers false, with nothing written, for any other. */
  quoted(value: string): boolean {
    const { length } = value
    if (length >= SHORT) return false
    this.reserve(length + 2)
    const { bytes } = this
    let at = this.length
    bytes[at++] = QUOTE
    for (let i = 0; i < length; i += 1) {
      const code = value.charCodeAt(i)
      if (code < 32 || code > 127 || code === QUOTE || code === BACKSLASH) return false
      bytes[at++] = code
    }
    bytes[at++] = QUOTE
    this.length = at
    return true
  }

  append(value: Uint8Array): void {
    this.reserve(value.length)
    this.bytes.set(value, this.length)
    this.length += value.length
  }

  /** Leaves room for the length of what follows; answers where. */
  begin(): number {
    this.int32(0)
    return this.length
  }

  /** Fills in the length of what was written since `begin`. */
  end(start: number): void {
    this.putInt32(this.length - start, start - 4)
  }

  /** What was written; the buffer begins anew, with bytes of its own. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length)
    this.bytes = Buffer.allocUnsafe(this.length + this.length / 8 + 1024)
    this.length = 0
    return taken
  }

  putInt32(value: number, at: number): void {
    const { bytes } = this
    bytes[at] = value >> 24
    bytes[at + 1] = value >> 16
    bytes[at + 2] = value >> 8
    bytes[at + 3] = value
  }

  #shortAscii(value: string): boolean {
    const { bytes, length } = this
    for (let i = 0; i < value.length; i += 1) {
      const code = value.charCodeAt(i)
      if (code > 127) return false
      bytes[length + i] = code
    }
    this.length += value.length
    return true
  }
}
