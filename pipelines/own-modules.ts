import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

const home = new URL('../', import.meta.url).href

const isOwn = (url: string | undefined): boolean =>
  url !== undefined && url.startsWith(home) && url.endsWith('.ts') && !url.startsWith(`${home}node_modules/`)

/**
 * landfall's own modules, the systems and jobs of this repository among them, stay Node's to read, whatever reads TypeScript for a team: tsx takes twice as long for each, and
 * keeps nothing that is compiled. For what is imported from here on.
 */
export function keepOwnModules(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL } = context
      if (!isOwn(parentURL) || !/^\.{1,2}\/.*\.ts$/.test(specifier)) return next(specifier, context)
      return { url: new URL(specifier, parentURL).href, format: 'module-typescript', shortCircuit: true }
    },
    load(url, context, next) {
      if (!isOwn(url)) return next(url, context)
      return { format: 'module-typescript', source: readFileSync(fileURLToPath(url), 'utf8'), shortCircuit: true }
    },
  })
}
