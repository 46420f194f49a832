package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Library;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// After each test there are no more native objects than before. Registered for the whole module,
/// so a test has it unless it says otherwise.
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace HERE =
            ExtensionContext.Namespace.create(LeakCheck.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        Library.start(0, Dtype.F32); // what it makes once, it keeps
        context.getStore(HERE).put(context.getUniqueId(), Pointer.totalCount());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            return; // it says enough already
        }
        long before = context.getStore(HERE).get(context.getUniqueId(), Long.class);
        assertThat(Pointer.totalCount()).as("native objects still alive").isEqualTo(before);
    }
}
