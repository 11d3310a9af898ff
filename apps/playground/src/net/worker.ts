/** The program of the simulation's worker. */
import { serve } from "spikelet/worker";

serve();
