package dev.tinsmith.protocol.codec;

import dev.tinsmith.protocol.codec.WireTrace.ClockSnapshot;
import dev.tinsmith.protocol.codec.WireTrace.DebugAnnotation;
import dev.tinsmith.protocol.codec.WireTrace.ProcessDescriptor;
import dev.tinsmith.protocol.codec.WireTrace.Trace;
import dev.tinsmith.protocol.codec.WireTrace.TracePacket;
import dev.tinsmith.protocol.codec.WireTrace.TrackDescriptor;
import dev.tinsmith.protocol.codec.WireTrace.TrackEvent;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;

/// Writes a timeline that Perfetto opens: tracks below tracks, and on each of them slices that
/// follow one another. Tracks of one parent and one name are drawn as one.
public final class TraceFile {
    private static final int REALTIME = 1;
    private static final int BOOTTIME = 6;
    private static final int SEQUENCE = 1;

    /// That nothing before this packet is needed to read what follows.
    private static final int CLEARED = 1;

    private final Trace.Builder trace = Trace.newBuilder();
    private long tracks;

    /// A trace whose clock says `start` at its start; slices may lie before it.
    public TraceFile(Instant start) {
        ClockSnapshot.Builder clocks = ClockSnapshot.newBuilder();
        for (int clock : new int[] {REALTIME, BOOTTIME}) {
            clocks.addClocks(
                    ClockSnapshot.Clock.newBuilder().setClockId(clock).setTimestamp(nanos(start)));
        }
        add(
                TracePacket.newBuilder()
                        .setTimestamp(nanos(start))
                        .setSequenceFlags(CLEARED)
                        .setClockSnapshot(clocks));
    }

    /// Begins the track that others are drawn below.
    ///
    /// @return the track's number
    public long root(String name) {
        return track(
                TrackDescriptor.newBuilder()
                        .setProcess(ProcessDescriptor.newBuilder().setPid(1).setProcessName(name)));
    }

    /// Begins a track below another.
    ///
    /// @return the track's number
    public long track(long parent, String name) {
        return track(TrackDescriptor.newBuilder().setParentUuid(parent).setName(name));
    }

    private long track(TrackDescriptor.Builder described) {
        tracks++;
        add(TracePacket.newBuilder().setTrackDescriptor(described.setUuid(tracks)));
        return tracks;
    }

    /// Draws a slice; those of one track come in the order of their times and do not overlap.
    public void slice(
            long track,
            String category,
            String name,
            Instant from,
            Instant until,
            SortedMap<String, Object> facts) {
        TrackEvent.Builder begin =
                TrackEvent.newBuilder()
                        .setType(TrackEvent.Type.TYPE_SLICE_BEGIN)
                        .setTrackUuid(track)
                        .addCategories(category)
                        .setName(name);
        facts.entrySet().forEach(fact -> begin.addDebugAnnotations(annotation(fact)));
        add(TracePacket.newBuilder().setTimestamp(nanos(from)).setTrackEvent(begin));
        add(
                TracePacket.newBuilder()
                        .setTimestamp(nanos(until))
                        .setTrackEvent(
                                TrackEvent.newBuilder()
                                        .setType(TrackEvent.Type.TYPE_SLICE_END)
                                        .setTrackUuid(track)));
    }

    private static DebugAnnotation annotation(Map.Entry<String, Object> fact) {
        DebugAnnotation.Builder told = DebugAnnotation.newBuilder().setName(fact.getKey());
        return fact.getValue() instanceof Number number
                ? told.setIntValue(number.longValue()).build()
                : told.setStringValue(fact.getValue().toString()).build();
    }

    private void add(TracePacket.Builder packet) {
        trace.addPacket(packet.setTrustedPacketSequenceId(SEQUENCE));
    }

    private static long nanos(Instant at) {
        return at.getEpochSecond() * 1_000_000_000 + at.getNano();
    }

    /// The file.
    public byte[] bytes() {
        return trace.build().toByteArray();
    }
}
