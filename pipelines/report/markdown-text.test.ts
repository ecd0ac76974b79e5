import fc from 'fast-check'
import { expect, test } from 'vitest'
import { markdownBlock, markdownCode, markdownText } from './markdown-text.ts'

test('untrusted text is shown as it is: no markup, cell, tag, formula, mention or link', () => {
  expect(markdownText('a|b `c` <script> *d* _e_ [f](g) ~h~ $i$ \\ &amp;\n# j')).toBe(
    'a\\|b \\`c\\` &lt;script&gt; \\*d\\* \\_e\\_ \\[f\\](g) \\~h\\~ &#36;i&#36; \\\\ &amp;amp; \\#&#8203; j',
  )
  expect(markdownText('@everyone #12 https://evil.test www.evil.test GH-1')).toBe(
    '@&#8203;everyone \\#&#8203;12 https:&#8203;//evil.test www&#8203;.evil.test GH&#8203;-1',
  )
})

test('code is fenced by more backticks than it holds', () => {
  expect([markdownCode('a|b'), markdownCode('`a`'), markdownCode('x ``` y'), markdownCode('')]).toEqual([
    '<code>a\\|b</code>',
    '`` `a` ``',
    '````x ``` y````',
    '',
  ])
  expect(markdownBlock('sql', 'select 1;\n````\n')).toBe('`````sql\nselect 1;\n````\n`````\n')
})

const hostile = fc
  .array(fc.constantFrom('`', '```', '|', '<b>', '@a', '\n', '\r', '&', '\\', '$', 'x', ' '))
  .map((parts) => parts.join(''))

test('whatever the text, a cell keeps its borders and HTML stays text', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(markdownText(text)).not.toMatch(/[\n\r<>$]|@(?!&#8203;)|(?<!\\)(?:\\\\)*[|`]/)
      expect(markdownCode(text)).not.toMatch(/[\n\r]|(?<!\\)(?:\\\\)*\|/)
    }),
  )
})

test('whatever the code, nothing in a block closes it early', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const lines = markdownBlock('', text).trimEnd().split('\n')
      const fence = lines[0] ?? ''
      expect(fence).toMatch(/^`{3,}$/)
      expect(lines.slice(1).findIndex((line) => line.trim().startsWith(fence))).toBe(lines.length - 2)
    }),
  )
})
