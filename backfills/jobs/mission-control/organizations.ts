import { defineBackfill, jsonFile } from 'landfall'
import { OrganizationFile } from '../../../fixtures/systems/mission-control/aggregates.ts'
import { columnsOf } from '../../../fixtures/systems/mission-control/columns.ts'

/** Organizations with their config, templates and workstations. */
export default defineBackfill({
  name: 'mission-control/organizations',
  from: jsonFile('fixtures/systems/mission-control/data/organizations.json'),
  schema: OrganizationFile,
  into: {
    organizations: ({ configEntries: _, templates: __, workstations: ___, ...organization }) => columnsOf(organization),
    config_entries: ({ configEntries }) => configEntries.map(columnsOf),
    templates: ({ templates }) => templates.map(columnsOf),
    workstations: ({ workstations }) => workstations.map(columnsOf),
  },
  onConflict: 'fail',
})
