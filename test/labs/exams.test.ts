import { verifySeries } from './verify-series.ts';

verifySeries('exams');
