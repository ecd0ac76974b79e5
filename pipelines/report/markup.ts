/** Text that is HTML already. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Markup | string | number | null | readonly Part[]

/** HTML with everything that is put into it escaped, but what is `Markup` itself; null is nothing. */
export const markup = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(strings.map((text, index) => text + (index < parts.length ? textOf(parts[index]!) : '')).join(''))

const textOf = (part: Part): string =>
  part === null
    ? ''
    : part instanceof Markup
      ? part.text
      : typeof part === 'object'
        ? part.map(textOf).join('')
        : escaped(String(part))

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
