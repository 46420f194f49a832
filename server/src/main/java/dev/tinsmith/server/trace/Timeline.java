package dev.tinsmith.server.trace;

import dev.tinsmith.server.metering.Operation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Operations laid out so that no two stretches of one lane overlap: of each run and sampler, of
/// each of its tracks, as few lanes as that takes.
public record Timeline(List<Lane> lanes) {
    public Timeline {
        lanes = List.copyOf(lanes);
    }

    /// Lays out `operations`, in whatever order they come.
    public static Timeline of(List<Operation> operations) {
        Map<String, Map<String, List<List<Span>>>> actors = new TreeMap<>();
        operations.stream()
                .flatMap(Span::of)
                .sorted(Comparator.comparing(Span::from))
                .forEach(span ->
                        place(
                                span,
                                actors.computeIfAbsent(
                                                span.of().subject().actor(), _ -> new TreeMap<>())
                                        .computeIfAbsent(span.track(), _ -> new ArrayList<>())));
        List<Lane> lanes = new ArrayList<>();
        actors.forEach((actor, tracks) ->
                tracks.forEach((track, rows) ->
                        rows.forEach(row -> lanes.add(new Lane(actor, track, row)))));
        return new Timeline(lanes);
    }

    private static void place(Span span, List<List<Span>> lanes) {
        for (List<Span> lane : lanes) {
            Instant end = lane.getLast().until();
            if (!end.isAfter(span.from())) {
                lane.add(span);
                return;
            }
        }
        lanes.add(new ArrayList<>(List.of(span)));
    }

    /// Stretches that follow one another.
    ///
    /// @param actor the run or sampler they are of
    public record Lane(String actor, String track, List<Span> spans) {
        public Lane {
            spans = List.copyOf(spans);
        }
    }
}
