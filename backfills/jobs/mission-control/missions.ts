import { defineBackfill, jsonFile } from 'landfall'
import { MissionFile } from '../../../fixtures/systems/mission-control/aggregates.ts'
import { columnsOf } from '../../../fixtures/systems/mission-control/columns.ts'

/** Missions with their history, documents and review decisions. */
export default defineBackfill({
  name: 'mission-control/missions',
  from: jsonFile('fixtures/systems/mission-control/data/missions.json'),
  schema: MissionFile,
  into: {
    missions: ({ missionHistory: _, documents: __, reviewDecisions: ___, ...mission }) => columnsOf(mission),
    mission_history: ({ missionHistory }) => missionHistory.map(columnsOf),
    documents: ({ documents }) => documents.map(columnsOf),
    review_decisions: ({ reviewDecisions }) => reviewDecisions.map(columnsOf),
  },
  onConflict: 'fail',
  after: ['mission-control/projects'],
})
