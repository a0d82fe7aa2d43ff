import { graphRules } from '../../../src/judge/graph/graph.ts';
import { judgeTales } from '../rulings.ts';
import { graphTales } from './tales.ts';

judgeTales(graphRules, graphTales);
