import type { ts as TypeScript } from 'ts-morph'
import { ARRAYS, TYPES } from './type-oids.ts'

/** What one file of code says about the driver. */
export interface DriverCode {
  /** The drivers that it imports for their values, as packages. */
  readonly imports: readonly string[]
  /** How many clients it opens by `postgres(…)`, each of which parses by its own options. */
  readonly clients: number
  /** Of each of them: how it names columns; null where it does not, or where the code does not tell. */
  readonly names: readonly ('camel' | 'pascal' | 'kebab' | null)[]
  /** What it parses by itself: a key of `domain.profile.types`, what arrives, and the line that says so. */
  readonly parsers: readonly Parser[]
}

export interface Parser {
  readonly key: string
  /** `any` when the code does not tell. */
  readonly type: string
  readonly line: number
}

/** True for text that is worth parsing: it speaks of a driver. */
export const mentionsDriver = (text: string): boolean =>
  /['"](?:postgres|pg|pg-promise|drizzle-orm\/postgres-js)['"]|setTypeParser|parseInt8/.test(text)

/**
 * Reads from one file which driver it opens and which types it parses by itself: `postgres(…, { types: { … } })`,
 * `types.setTypeParser(20, …)`, `defaults.parseInt8`. Nothing is run; what cannot be read statically is `any`.
 */
export function readDriverCode(ts: typeof TypeScript, name: string, text: string): DriverCode {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
  const imports: string[] = []
  const parsers: Parser[] = []
  /** Names under which `postgres` itself is known. */
  const postgres = new Set<string>()
  /** What is imported from it by its own name: `toCamel`. */
  const named = new Set<string>()
  const names: DriverCode['names'][number][] = []
  let clients = 0
  const add = (at: TypeScript.Node, oid: number | string | null, type: string): void => {
    const key = typeof oid === 'string' ? oid : oid === null ? undefined : (TYPES[oid] ?? ARRAYS[oid])
    const { line } = file.getLineAndCharacterOfPosition(at.getStart(file))
    if (key !== undefined) parsers.push({ key, type: ARRAY_KEYS.has(key) ? 'any' : type, line: line + 1 })
  }
  const visit = (node: TypeScript.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier) && brings(ts, node)) {
      imports.push(node.moduleSpecifier.text)
      const local = node.importClause?.name?.text
      if (node.moduleSpecifier.text === 'postgres') {
        if (local !== undefined) postgres.add(local)
        const bindings = node.importClause?.namedBindings
        if (bindings !== undefined && ts.isNamedImports(bindings)) {
          for (const { name, propertyName } of bindings.elements) {
            if (propertyName?.text === 'default') postgres.add(name.text)
            else if (propertyName === undefined) named.add(name.text)
          }
        }
      }
    }
    if (ts.isCallExpression(node)) {
      const called = node.expression
      const [first] = node.arguments
      if (ts.isIdentifier(called) && called.text === 'require' && first !== undefined && ts.isStringLiteral(first)) {
        imports.push(first.text)
        if (first.text === 'postgres' && ts.isVariableDeclaration(node.parent)) postgres.add(node.parent.name.getText())
      }
      if (ts.isIdentifier(called) && postgres.has(called.text)) {
        clients += 1
        const options =
          node.arguments.map((argument) => objectOf(ts, file, argument)).find((one) => one !== null) ?? null
        readTypes(options)
        names.push(namesOf(valueOf(ts, options, 'transform')))
        // No type of an array is known to such a client.
        if (valueOf(ts, options, 'fetch_types')?.kind === ts.SyntaxKind.FalseKeyword) add(node, '[]', 'string')
      }
      if (ts.isPropertyAccessExpression(called) && called.name.text === 'setTypeParser' && first !== undefined) {
        add(node, oidOf(ts, first), parsedType(ts, file, node.arguments.at(-1)))
      }
    }
    if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      /\bdefaults\.parseInt8$/.test(node.left.getText()) &&
      node.right.kind === ts.SyntaxKind.TrueKeyword
    ) {
      add(node, 20, 'number')
    }
    ts.forEachChild(node, visit)
  }
  const readTypes = (options: TypeScript.ObjectLiteralExpression | null): void => {
    const types = objectOf(ts, file, valueOf(ts, options, 'types'))
    for (const property of types?.properties ?? []) {
      if (!ts.isPropertyAssignment(property)) continue
      const { initializer } = property
      if (ts.isPropertyAccessExpression(initializer) && initializer.name.text === 'BigInt') {
        if (postgres.has(initializer.expression.getText())) add(property, 20, 'bigint')
        continue
      }
      const own = objectOf(ts, file, initializer)
      const from = valueOf(ts, own, 'from')
      const type = parsedType(ts, file, valueOf(ts, own, 'parse') ?? methodOf(ts, own, 'parse'))
      const oids = from === undefined ? [] : ts.isArrayLiteralExpression(from) ? from.elements : [from]
      for (const oid of oids) add(property, oidOf(ts, oid), type)
    }
  }
  visit(file)
  return { imports, clients, names, parsers }

  /** `postgres.camel`, `{ ...postgres.pascal, undefined: null }`, `{ column: { from: postgres.toKebab } }`. */
  function namesOf(transform: TypeScript.Expression | undefined): DriverCode['names'][number] {
    if (transform === undefined) return null
    const options = objectOf(ts, file, transform)
    if (options === null) return functionOf(resolved(ts, file, transform))
    const column = valueOf(ts, options, 'column')
    if (column !== undefined) return namesOf(valueOf(ts, objectOf(ts, file, column), 'from') ?? column)
    const spread = options.properties.find((property) => ts.isSpreadAssignment(property))
    return spread === undefined ? null : namesOf(spread.expression)
  }

  function functionOf(node: ReturnType<typeof resolved>): DriverCode['names'][number] {
    const text = node?.getText() ?? ''
    const [owner, name] = text.includes('.') ? text.split('.') : ['', text]
    const ours = owner === '' ? named.has(text) : postgres.has(owner!)
    return ours ? (NAMES[name!] ?? null) : null
  }
}

const ARRAY_KEYS: ReadonlySet<string> = new Set(Object.values(ARRAYS))

/** What the functions of `postgres` make of a column's name; `fromCamel` and its like are for the way back alone. */
const NAMES: Readonly<Record<string, 'camel' | 'pascal' | 'kebab'>> = {
  camel: 'camel',
  toCamel: 'camel',
  pascal: 'pascal',
  toPascal: 'pascal',
  kebab: 'kebab',
  toKebab: 'kebab',
}

/** False for what brings types alone. */
const brings = (ts: typeof TypeScript, { importClause }: TypeScript.ImportDeclaration): boolean => {
  if (importClause === undefined || importClause.isTypeOnly) return false
  const { name, namedBindings } = importClause
  if (name !== undefined || namedBindings === undefined || ts.isNamespaceImport(namedBindings)) return true
  return namedBindings.elements.some(({ isTypeOnly }) => !isTypeOnly)
}

/** `20`, `1_700`, `types.builtins.INT8`. */
function oidOf(ts: typeof TypeScript, node: TypeScript.Expression): number | string | null {
  if (ts.isNumericLiteral(node)) return Number(node.text)
  const name = ts.isPropertyAccessExpression(node) && /\b(?:builtins|TypeId)$/.test(node.expression.getText())
  const key = name ? node.name.text.toLowerCase() : ''
  return Object.values(TYPES).includes(key) ? key : null
}

/** An object literal, or the one that a constant of the file holds. */
function objectOf(
  ts: typeof TypeScript,
  file: TypeScript.SourceFile,
  node: TypeScript.Expression | undefined,
): TypeScript.ObjectLiteralExpression | null {
  const value = resolved(ts, file, node)
  return value !== undefined && ts.isObjectLiteralExpression(value) ? value : null
}

function resolved(
  ts: typeof TypeScript,
  file: TypeScript.SourceFile,
  node: TypeScript.Expression | undefined,
): TypeScript.Expression | TypeScript.FunctionDeclaration | undefined {
  if (node === undefined) return undefined
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)) {
    return resolved(ts, file, node.expression)
  }
  if (!ts.isIdentifier(node)) return node
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === node.text) return statement
    if (!ts.isVariableStatement(statement)) continue
    const found = statement.declarationList.declarations.find(({ name }) => name.getText() === node.text)
    if (found?.initializer !== undefined) return resolved(ts, file, found.initializer)
  }
  return node
}

function valueOf(
  ts: typeof TypeScript,
  object: TypeScript.ObjectLiteralExpression | null,
  name: string,
): TypeScript.Expression | undefined {
  for (const property of object?.properties ?? []) {
    if (property.name?.getText() !== name) continue
    if (ts.isPropertyAssignment(property)) return property.initializer
    if (ts.isShorthandPropertyAssignment(property)) return property.name
  }
  return undefined
}

const methodOf = (
  ts: typeof TypeScript,
  object: TypeScript.ObjectLiteralExpression | null,
  name: string,
): TypeScript.MethodDeclaration | undefined =>
  object?.properties.filter(ts.isMethodDeclaration).find((method) => method.name.getText() === name)

/** What calls make of a text. */
const CALLS: Readonly<Record<string, string>> = {
  Number: 'number',
  parseFloat: 'number',
  parseInt: 'number',
  'Number.parseFloat': 'number',
  'Number.parseInt': 'number',
  BigInt: 'bigint',
  String: 'string',
  Boolean: 'boolean',
  'JSON.parse': 'json',
  'Date.parse': 'number',
}

/** What a parser returns, by a closed grammar; `any` for what it does not know. */
function parsedType(
  ts: typeof TypeScript,
  file: TypeScript.SourceFile,
  parser: TypeScript.Expression | TypeScript.MethodDeclaration | undefined,
): string {
  if (parser === undefined) return 'any'
  const node = ts.isMethodDeclaration(parser) ? parser : resolved(ts, file, parser)
  if (node === undefined) return 'any'
  if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) return CALLS[node.getText()] ?? 'any'
  const isFunction = ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isMethodDeclaration(node)
  if (!isFunction && !ts.isFunctionDeclaration(node)) return 'any'
  const [parameter] = node.parameters
  const text = parameter === undefined ? null : parameter.name.getText()
  const returned = node.body === undefined ? [] : ts.isBlock(node.body) ? returnsOf(ts, node.body) : [node.body]
  const types = new Set(returned.flatMap((value) => typesOf(ts, value, text)))
  types.delete('null')
  return types.size === 1 ? [...types][0]! : 'any'
}

function returnsOf(ts: typeof TypeScript, body: TypeScript.Block): TypeScript.Expression[] {
  const found: TypeScript.Expression[] = []
  const visit = (node: TypeScript.Node): void => {
    if (ts.isFunctionLike(node)) return
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression)
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(body, visit)
  return found
}

/** The types of an expression's branches. */
function typesOf(ts: typeof TypeScript, node: TypeScript.Expression, parameter: string | null): string[] {
  const inner = (one: TypeScript.Expression): string[] => typesOf(ts, one, parameter)
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return inner(node.expression)
  if (ts.isConditionalExpression(node)) return [...inner(node.whenTrue), ...inner(node.whenFalse)]
  if (node.kind === ts.SyntaxKind.NullKeyword) return ['null']
  if (ts.isIdentifier(node)) return [node.text === parameter ? 'string' : 'any']
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return ['string']
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.PlusToken) return ['number']
  if (ts.isNewExpression(node)) return [node.expression.getText()]
  return ts.isCallExpression(node) ? [CALLS[node.expression.getText()] ?? 'any'] : ['any']
}
