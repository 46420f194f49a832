package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.metering.Operation.Kind;
import dev.tinsmith.server.metering.Watched;

/// A job whose beginning and end are noted. One that cannot begin leaves no note: nothing was done.
final class WatchedJob implements AroundJob {
    private final Job job;
    private final Watched watched;
    private Kind kind = Kind.CLOSE;

    WatchedJob(Job job, Watched watched) {
        this.job = job;
        this.watched = watched;
    }

    @Override
    public Job job() {
        return job;
    }

    @Override
    public Work begin() {
        watched.begin();
        Work work = job.begin();
        kind = kind(work);
        return work;
    }

    @Override
    public Outcome end(Outcome outcome) {
        boolean failed = true;
        try {
            Outcome told = job.end(outcome);
            failed = told instanceof Outcome.Failed;
            return told;
        } finally {
            watched.end(kind, job.tokens(), 0, 0, failed);
        }
    }

    private static Kind kind(Work work) {
        return switch (work) {
            case Work.Open _ -> Kind.OPEN;
            case Work.Forward _ -> Kind.FORWARD;
            case Work.ForwardBackward _ -> Kind.FORWARD_BACKWARD;
            case Work.OptimStep _ -> Kind.OPTIM_STEP;
            case Work.Save _, Work.Keep _ -> Kind.SAVE;
            case Work.Load _, Work.Resume _ -> Kind.LOAD;
            case Work.Close _ -> Kind.CLOSE;
        };
    }
}
