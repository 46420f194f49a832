package dev.tinsmith.torch.ops;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The libtorch verbs this house uses. No other file names libtorch's functions, so that a change
/// of theirs is a change here. A name that ends in `Into` writes where its first argument says.
///
/// Nothing here records a graph: no tensor of ours ever requires a gradient.
public final class Ops {
    private static final Pattern VERSION = Pattern.compile("TORCH_VERSION=([\\w.]+)");
    private static final OperatorHandle SOFTMAX_BACKWARD =
            operator("aten::_softmax_backward_data", "");
    private static final OperatorHandle PACK = operator("mkldnn::_reorder_linear_weight", "");
    private static final OperatorHandle LINEAR = operator("mkldnn::_linear_pointwise", "");
    private static final OperatorHandle LINEAR_ADD =
            operator("mkldnn::_linear_pointwise", "binary");
    private static final IValue NOTHING = constant(IValue::new);
    private static final IValue PLAIN = constant(() -> new IValue("none"));
    private static final IValue ADD = constant(() -> new IValue("add"));
    private static final IValue NO_SCALARS = noScalars();

    private Ops() {}

    // --- the library

    static int threads(int threads) {
        torch.set_num_threads(threads);
        return torch.get_num_threads();
    }

    static String version() {
        try (Scope _ = Scope.open()) {
            Matcher version = VERSION.matcher(torch.show_config().getString());
            return version.find() ? version.group(1) : "of an unknown version";
        }
    }

    static boolean hasCuda() {
        return torch.cuda_is_available();
    }

    private static OperatorHandle operator(String name, String overload) {
        try (Scope scope = Scope.open()) {
            return scope.keep(Dispatcher.singleton().findSchemaOrThrow(name, overload));
        }
    }

    private static IValue constant(Supplier<IValue> value) {
        try (Scope scope = Scope.open()) {
            return scope.keep(value.get());
        }
    }

    /// An empty list of the type that the fifth argument of a packed product has.
    private static IValue noScalars() {
        try (Scope scope = Scope.open()) {
            Argument scalars = LINEAR.schema().arguments().getPointer(4);
            GenericList none = new GenericList(scalars.type().get().containedType(0));
            return scope.keep(new IValue(none));
        }
    }

    /// Calls an operator that has no method of its own.
    private static Tensor call(OperatorHandle operator, IValue... arguments) {
        IValueVector stack = new IValueVector();
        for (IValue argument : arguments) {
            stack.push_back(argument);
        }
        operator.callBoxed(stack);
        return new Tensor(stack.get(0).toTensor());
    }

    // --- making tensors

    /// Memory that holds whatever it held.
    public static Tensor empty(Dtype dtype, long... shape) {
        return torch.empty(shape, options(dtype), new org.bytedeco.pytorch.MemoryFormatOptional());
    }

    /// Zeros.
    public static Tensor zeros(Dtype dtype, long... shape) {
        return torch.zeros(shape, options(dtype));
    }

    /// Memory for a tensor of the same shape and dtype.
    public static Tensor emptyLike(Tensor x) {
        return torch.empty_like(x);
    }

    /// Zeros in the same shape and dtype.
    public static Tensor zerosLike(Tensor x) {
        return torch.zeros_like(x);
    }

    /// A copy of `values`, as one row of int64.
    public static Tensor indices(long... values) {
        return torch.tensor(values);
    }

    /// A copy of `values` as F32, in `shape`.
    public static Tensor floats(float[] values, long... shape) {
        Tensor flat = torch.tensor(values);
        return flat.view(shape);
    }

    /// The numbers in `segment`, where they lie; the caller keeps it alive as long as the tensor.
    public static Tensor over(MemorySegment segment, Dtype dtype, long... shape) {
        return torch.from_blob(new RawMemory(segment), shape, options(dtype));
    }

    /// `x` in `dtype`: itself if it has it.
    public static Tensor to(Tensor x, Dtype dtype) {
        return x.to(scalarType(dtype));
    }

    /// The dtype of `x`.
    public static Dtype dtype(Tensor x) {
        ScalarType type = x.scalar_type().intern();
        for (Dtype dtype : Dtype.values()) {
            if (scalarType(dtype) == type) {
                return dtype;
            }
        }
        throw new IllegalArgumentException("no tensor of ours is " + type);
    }

    /// Side by side along `dimension`.
    public static Tensor concat(List<Tensor> parts, long dimension) {
        return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), dimension);
    }

    // --- reading tensors

    /// A copy of every number, row-major.
    public static float[] toFloats(Tensor x) {
        try (Scope _ = Scope.open()) {
            float[] values = new float[Math.toIntExact(x.numel())];
            FloatPointer data = to(x, Dtype.F32).contiguous().data_ptr_float();
            data.capacity(values.length).get(values);
            return values;
        }
    }

    /// The numbers of a contiguous F32 tensor where they lie, as long as the tensor lives.
    @SuppressWarnings("restricted") // libtorch says how long the segment is
    public static MemorySegment numbers(Tensor x) {
        long bytes = x.numel() * Float.BYTES;
        return MemorySegment.ofAddress(x.data_ptr_float().address()).reinterpret(bytes);
    }

    /// A copy of every index, row-major.
    public static long[] toLongs(Tensor x) {
        try (Scope _ = Scope.open()) {
            long[] values = new long[Math.toIntExact(x.numel())];
            LongPointer data = x.contiguous().data_ptr_long();
            data.capacity(values.length).get(values);
            return values;
        }
    }

    // --- products

    /// `a·b`
    public static Tensor mm(Tensor a, Tensor b) {
        return torch.mm(a, b);
    }

    /// `out = a·b`
    public static void mmInto(Tensor out, Tensor a, Tensor b) {
        torch.mm_out(out, a, b);
    }

    /// `out += a·b`, rounded once.
    public static void addMm(Tensor out, Tensor a, Tensor b) {
        out.addmm_(a, b);
    }

    /// `a·b`, matrix by matrix.
    public static Tensor bmm(Tensor a, Tensor b) {
        return torch.bmm(a, b);
    }

    /// `out = a·b`, matrix by matrix.
    public static void bmmInto(Tensor out, Tensor a, Tensor b) {
        torch.bmm_out(out, a, b);
    }

    /// `weight`, laid out for [#timesPacked]; only bf16.
    static Tensor pack(Tensor weight) {
        return call(PACK, new IValue(weight), new IValue());
    }

    /// `x·a` with the bits it has packed, for an `a` that changes too often to be; only bf16.
    public static Tensor timesNarrow(Tensor x, Tensor a) {
        return timesPacked(x, pack(a.t().contiguous()));
    }

    /// `x·wᵀ`
    static Tensor timesPacked(Tensor x, Tensor packed) {
        return call(LINEAR, new IValue(x), new IValue(packed), NOTHING, PLAIN, NO_SCALARS, NOTHING);
    }

    /// `y + x·wᵀ`
    static Tensor timesPackedPlus(Tensor x, Tensor packed, Tensor y) {
        return call(LINEAR_ADD, new IValue(x), new IValue(y), new IValue(packed), NOTHING, ADD);
    }

    // --- element by element

    /// `x += scale·y`; `y` may be of another dtype.
    public static void add(Tensor x, Tensor y, double scale) {
        x.add_(y, scalar(scale));
    }

    /// `x += y`
    public static void add(Tensor x, Tensor y) {
        x.add_(y);
    }

    /// `x += y`
    public static void add(Tensor x, double y) {
        x.add_(scalar(y));
    }

    /// `x −= y`
    public static void sub(Tensor x, Tensor y) {
        x.sub_(y);
    }

    /// `x *= y`
    public static void mul(Tensor x, double y) {
        x.mul_(scalar(y));
    }

    /// `x /= y`
    public static void div(Tensor x, double y) {
        x.div_(scalar(y));
    }

    /// `x += scale·y·z`
    public static void addMul(Tensor x, Tensor y, Tensor z, double scale) {
        x.addcmul_(y, z, scalar(scale));
    }

    /// `x += scale·y/z`
    public static void addDiv(Tensor x, Tensor y, Tensor z, double scale) {
        x.addcdiv_(y, z, scalar(scale));
    }

    /// `x += weight·(y − x)`
    public static void lerp(Tensor x, Tensor y, double weight) {
        x.lerp_(y, scalar(weight));
    }

    /// `out = √x`
    public static void sqrtInto(Tensor out, Tensor x) {
        torch.sqrt_out(out, x);
    }

    /// `out = x·y`
    public static void mulInto(Tensor out, Tensor x, Tensor y) {
        torch.mul_out(out, x, y);
    }

    /// `x·σ(x)`
    public static Tensor silu(Tensor x) {
        return torch.silu(x);
    }

    /// `out` = the derivative of `silu` at `x`, times `gradient`.
    public static void siluBackwardInto(Tensor out, Tensor gradient, Tensor x) {
        torch.silu_backward_out(out, gradient, x);
    }

    // --- along a dimension

    /// The likelihoods that the scores `x` stand for, along the last dimension.
    public static Tensor softmax(Tensor x) {
        return torch.softmax(x, -1);
    }

    /// The derivative by the scores, given that by their softmax `p`.
    public static Tensor softmaxBackward(Tensor gradient, Tensor p) {
        return call(
                SOFTMAX_BACKWARD,
                new IValue(gradient),
                new IValue(p),
                new IValue(-1L),
                new IValue(p.scalar_type()));
    }

    /// The sum over the last dimension, which stays with size 1.
    public static Tensor sumLast(Tensor x) {
        return torch.sum(x, new long[] {-1}, true, new ScalarTypeOptional());
    }

    /// √Σx² over the last dimension, which stays with size 1.
    public static Tensor normLast(Tensor x) {
        return torch.linalg_vector_norm(
                x, scalar(2), new long[] {-1}, true, new ScalarTypeOptional());
    }

    /// The mean over the last dimension, which stays with size 1.
    public static Tensor meanLast(Tensor x) {
        return torch.mean(x, new long[] {-1}, true, new ScalarTypeOptional());
    }

    /// A copy of the sums over the last dimension, in double, row-major.
    public static double[] sumsOfLast(Tensor x) {
        try (Scope _ = Scope.open()) {
            double[] sums = new double[Math.toIntExact(x.numel() / x.size(-1))];
            ScalarTypeOptional wide = new ScalarTypeOptional(ScalarType.Double);
            torch.sum(x, new long[] {-1}, false, wide).data_ptr_double().get(sums);
            return sums;
        }
    }

    /// The largest of the last dimension, which stays with size 1.
    public static Tensor maxLast(Tensor x) {
        return torch.amax(x, new long[] {-1}, true);
    }

    /// The smallest, likewise.
    public static Tensor minLast(Tensor x) {
        return torch.amin(x, new long[] {-1}, true);
    }

    /// The index of the largest of the last dimension; the first one where several are.
    public static Tensor argmaxLast(Tensor x) {
        return torch.argmax(x, new LongOptional(-1), false);
    }

    /// `x[…, index, …]`, element by element along the last dimension.
    public static Tensor gatherLast(Tensor x, Tensor index) {
        return torch.gather(x, -1, index);
    }

    /// `x[r, index[r, k]] = y[r, k]`, where `x` is contiguous. Its time does not depend on the size
    /// of `x`, as that of libtorch's `scatter_` does.
    public static void scatterRows(Tensor x, Tensor index, Tensor y) {
        Tensor starts = torch.arange(new Scalar(x.size(0))).mul(new Scalar(x.size(1)));
        x.view(-1).index_copy_(0, index.add(starts.unsqueeze(1)).flatten(), y.flatten());
    }

    /// The rows of `x` that `index` names.
    public static Tensor rows(Tensor x, Tensor index) {
        return torch.index_select(x, 0, index);
    }

    /// Puts the rows of `y` where `index` says.
    public static void putRows(Tensor x, Tensor index, Tensor y) {
        x.index_copy_(0, index, y);
    }

    /// √Σx², in F32 numbers but summed in double.
    public static double norm(Tensor x) {
        try (Scope _ = Scope.open()) {
            ScalarTypeOptional wide = new ScalarTypeOptional(ScalarType.Double);
            return torch.linalg_vector_norm(x, scalar(2), new long[] {0}, false, wide)
                    .item_double();
        }
    }

    private static Scalar scalar(double value) {
        return new Scalar(value);
    }

    private static TensorOptions options(Dtype dtype) {
        return new TensorOptions(scalarType(dtype));
    }

    private static ScalarType scalarType(Dtype dtype) {
        return switch (dtype) {
            case BF16 -> ScalarType.BFloat16;
            case F16 -> ScalarType.Half;
            case F32 -> ScalarType.Float;
            case I64 -> ScalarType.Long;
        };
    }
}
