import { defineBackfill, jsonFile } from 'landfall'
import { OrganizationFile, without } from '../../../fixtures/systems/mission-control/aggregates.ts'
import { columnsOf } from '../../../fixtures/systems/mission-control/columns.ts'

/** Organizations with their config, templates and workstations. */
export default defineBackfill({
  name: 'mission-control/organizations',
  from: jsonFile('fixtures/systems/mission-control/data/organizations.json'),
  schema: OrganizationFile,
  into: {
    organizations: (organization) => columnsOf(without(organization, 'configEntries', 'templates', 'workstations')),
    config_entries: ({ configEntries }) => configEntries.map(columnsOf),
    templates: ({ templates }) => templates.map(columnsOf),
    workstations: ({ workstations }) => workstations.map(columnsOf),
  },
  onConflict: 'fail',
})
