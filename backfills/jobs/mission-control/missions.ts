import { defineBackfill, jsonFile } from 'landfall'
import { MissionFile, without } from '../../../fixtures/systems/mission-control/aggregates.ts'
import { columnsOf } from '../../../fixtures/systems/mission-control/columns.ts'

/** Missions with their history, documents and review decisions. */
export default defineBackfill({
  name: 'mission-control/missions',
  from: jsonFile('fixtures/systems/mission-control/data/missions.json'),
  schema: MissionFile,
  into: {
    missions: (mission) => columnsOf(without(mission, 'missionHistory', 'documents', 'reviewDecisions')),
    mission_history: ({ missionHistory }) => missionHistory.map(columnsOf),
    documents: ({ documents }) => documents.map(columnsOf),
    review_decisions: ({ reviewDecisions }) => reviewDecisions.map(columnsOf),
  },
  onConflict: 'fail',
  after: ['mission-control/projects'],
})
