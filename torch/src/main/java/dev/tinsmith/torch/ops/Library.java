package dev.tinsmith.torch.ops;

/// Loads libtorch and sets it up. Loading takes a second or two and unpacks 360 MB the first time,
/// so it is left to the thread that will compute.
public final class Library {
    static {
        // Read once by JavaCPP, when its first pointer is made. Scopes free what we make, so its
        // own collector and its limits only cost time.
        preset("org.bytedeco.javacpp.nopointergc", "true");
        preset("org.bytedeco.javacpp.maxBytes", "0");
        preset("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        Environment.set();
        NativeHeap.keepFreed();
    }

    private Library() {}

    /// Loads libtorch, if it is not loaded yet, and gives it `threads` threads; 0 for one per core.
    ///
    /// What is multiplied in F32 is multiplied by MKL: with it, a row of a product has the same
    /// bits whatever the other rows are, which OpenBLAS does not promise, and it is quicker. bf16
    /// is oneDNN's, which is part of libtorch, so MKL's 400 MB are not unpacked for it.
    ///
    /// @param dtype what products are computed in; the first one in a process decides
    /// @return how many threads it now uses
    public static int start(int threads, Dtype dtype) {
        if (dtype == Dtype.F32) {
            preset("org.bytedeco.openblas.load", "mkl_rt");
        }
        return Ops.threads(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
    }

    /// The version of libtorch.
    public static String version() {
        return Ops.version();
    }

    /// Whether a GPU can be used.
    public static boolean hasCuda() {
        return Ops.hasCuda();
    }

    private static void preset(String key, String value) {
        if (!System.getProperties().containsKey(key)) {
            System.setProperty(key, value);
        }
    }
}
