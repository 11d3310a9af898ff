/** The worker of a `RemoteSimulation`. */
import { serve } from "spikelet/worker";

serve();
