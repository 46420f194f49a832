package dev.tinsmith.torch.ops;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The C library's heap, in which tensors lie. It keeps what is freed, and what lies free between
/// tensors of another age fits fewer and fewer of the next ones: doing the same pass over and over,
/// a process grew by 470 MiB in two minutes. So whoever has just freed a pass's tensors has free
/// pages given back, once the process has grown enough since the last time.
///
/// Only Linux says how large a process is, and only glibc gives pages back; elsewhere nothing
/// happens.
public final class NativeHeap {
    /// How much the process may grow. Pages given back are filled with zeros when they are next
    /// used, so this is more than a pass of 512 tokens takes for what it keeps and passes on (some
    /// 450 MiB with a model of 135 million numbers): with 384 every pass gave back what the next
    /// one took, a fifth of its time.
    private static final long GROWTH = 640L << 20;

    private static final Path SIZES = Path.of("/proc/self/statm");
    private static final long PAGE = 4_096;
    private static final Optional<MethodHandle> MALLOC_TRIM =
            Environment.function("malloc_trim", ValueLayout.JAVA_LONG);

    /// What `mallopt` calls them, in glibc's malloc.h: how much may lie free at the heap's end, how
    /// much it grows by, and from what size on a block has pages of its own.
    private static final int TRIM_THRESHOLD = -1;

    private static final int TOP_PAD = -2;
    private static final int MMAP_THRESHOLD = -3;

    /// How large the process was after pages were last given back; 0: not yet.
    private static long floor;

    private NativeHeap() {}

    /// From now on what is freed stays in the process until [#tidy] gives it back. As it comes, the
    /// C library returns a large block at once, and the next one's pages are filled with zeros
    /// again: two thirds of all pages that training touched, and a tenth of its time.
    static void keepFreed() {
        Environment.function("mallopt", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)
                .ifPresent(mallopt -> {
                    set(mallopt, MMAP_THRESHOLD, 32 << 20); // the most it takes
                    set(mallopt, TRIM_THRESHOLD, Integer.MAX_VALUE);
                    set(mallopt, TOP_PAD, 16 << 20);
                });
    }

    private static void set(MethodHandle mallopt, int parameter, int value) {
        try {
            int _ = (int) mallopt.invokeExact(parameter, value);
        } catch (Throwable failure) {
            throw new IllegalStateException("mallopt", failure);
        }
    }

    /// Gives free pages back if there may be many. On the thread that computes.
    public static void tidy() {
        if (MALLOC_TRIM.isPresent() && resident() > floor + GROWTH) {
            trim(MALLOC_TRIM.get());
            floor = resident();
        }
    }

    /// The bytes of this process that are in memory; 0 where nobody says.
    private static long resident() {
        try {
            String[] pages = Files.readString(SIZES).split(" ", 3);
            return Long.parseLong(pages[1]) * PAGE;
        } catch (IOException _) {
            return 0;
        }
    }

    private static void trim(MethodHandle mallocTrim) {
        try {
            int _ = (int) mallocTrim.invokeExact(0L);
        } catch (Throwable failure) {
            throw new IllegalStateException("malloc_trim", failure);
        }
    }
}
