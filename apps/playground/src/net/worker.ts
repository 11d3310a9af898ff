/** The program of the page's workers: a simulation, or jobs beside it. */
import { serve } from "spikelet/worker";
import { serveJobs } from "./jobs.js";

if (self.name === "jobs") serveJobs();
else serve();
