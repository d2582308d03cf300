/** Amazon RDS: a PostgreSQL container for every database that is made. */
export { Databases, POSTGRES_IMAGE } from './databases.ts';
