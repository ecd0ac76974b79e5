import { type TsType, valueArms } from '../../type-model.ts'
import { asWritten, writtenType } from '../properties.ts'
import { type Content, nameLocation, type TypeNode } from '../reader.ts'
import { tagsOf } from '../tags.ts'
import { meantBy } from './names.ts'
import { plainly } from './not-plain.ts'
import { interfaceShape, memberType, type Shape, shapeOf } from './shapes.ts'
import type { Plain } from './plain.ts'

/** The public data of a declared type, by its text. */
export function plainContent(plain: Plain, node: TypeNode): Content {
  const { ts } = plain
  plainly(node.typeParameters === undefined && !ts.isClassDeclaration(node))
  if (ts.isInterfaceDeclaration(node)) return shapeContent(plain, interfaceShape(plain, node))
  const { node: meant } = meantBy(plain, node.type)
  const shape = ts.isUnionTypeNode(meant) ? null : shapeOf(plain, node.type)
  if (shape !== null && (shape.members.length > 0 || shape.index === null)) return shapeContent(plain, shape)
  const type = plain.typeOf(node.type)
  // Objects of which the declarations are somewhere else, or arms that are to be merged.
  plainly(!valueArms(type).every(isData))
  return { properties: null, methods: 0 }
}

const isData = (type: TsType): boolean => type.kind === 'object' && (type.properties.length > 0 || type.index === null)

function shapeContent(plain: Plain, { members }: Shape): Content {
  const read = members.map((member) => {
    const { declaration, name, optional } = member
    const type = memberType(plain, member, [])
    if (type.kind === 'function') return null
    const text = writtenType(plain, declaration)
    plainly(text !== null)
    return {
      name,
      optional,
      type,
      text,
      output: null,
      someArms: false,
      computed: false,
      tags: tagsOf(plain, declaration),
      location: nameLocation(plain, declaration),
    }
  })
  const properties = read.filter((one) => one !== null)
  return { properties: properties.toSorted(asWritten), methods: read.length - properties.length }
}
