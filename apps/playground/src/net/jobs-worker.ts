/** The program of the worker for jobs beside a network. */
import { serveJobs } from "./jobs.js";

serveJobs();
