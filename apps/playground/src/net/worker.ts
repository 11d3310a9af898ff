/** The program of the page's workers with a network. */
import { serve } from "spikelet/worker";

serve();
