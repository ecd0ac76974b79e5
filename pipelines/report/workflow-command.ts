import { plainText } from './plain-text.ts'

export interface WorkflowCommand {
  readonly name: 'error' | 'warning' | 'notice'
  readonly properties: Readonly<Record<string, string | number | null>>
  readonly message: string
}

/**
 * `::error file=a.sql,line=3::message`, as the GitHub runner reads it. Escaped by its rules, so that no text can end the
 * command, add a property or begin another command; properties that are null are left out.
 */
export const workflowCommand = ({ name, properties, message }: WorkflowCommand): string => {
  const known = Object.entries(properties).filter(([, value]) => value !== null)
  const list = known.map(([key, value]) => `${key}=${escapeProperty(String(value))}`).join(',')
  return `::${name}${list === '' ? '' : ` ${list}`}::${escapeMessage(message)}`
}

const escapeMessage = (text: string): string =>
  plainText(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const escapeProperty = (text: string): string => escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
