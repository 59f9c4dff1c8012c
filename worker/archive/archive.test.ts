import { MemorySql } from '../testing/sql.ts';
import { archiveContract } from './contract-suite.ts';

archiveContract("Node's SQLite", (test) => test(new MemorySql()));
