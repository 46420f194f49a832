package dev.tinsmith.engine.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tinsmith.engine.graph.LossGraph;
import dev.tinsmith.engine.graph.Program;
import dev.tinsmith.engine.graph.Uploads;
import dev.tinsmith.engine.tensor.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;

/// What is refused when a loss is uploaded, and what when it is computed.
class RefusedLossesTest {
    private static final String SUM =
            "{'op': 'call_method', 'name': 'sum_1', 'target': 'sum', 'args': [{'ref': 'logprobs'}]}";

    private static String output(String loss, String metrics) {
        return "{'op': 'output', 'name': 'output', 'target': 'output', 'args': [{'tuple': [{'ref': '%s'}, {'dict': {%s}}]}]}"
                .formatted(loss, metrics);
    }

    private static String function(String name, String target, String args) {
        return "{'op': 'call_function', 'name': '%s', 'target': '%s', 'args': [%s]}"
                .formatted(name, target, args);
    }

    private static ThrowableAssertAlternative<IllegalArgumentException> refused(String... nodes) {
        return assertThatIllegalArgumentException()
                .isThrownBy(() -> Program.of(Uploads.of(nodes), Operators.ALL));
    }

    private static ThrowableAssertAlternative<IllegalArgumentException> failed(
            int length, String... nodes) {
        Program program = Program.of(Uploads.of(nodes), Operators.ALL);
        Table logprobs = Table.of(false, List.of(length), new double[length]);
        return assertThatIllegalArgumentException()
                .isThrownBy(() -> program.run(Map.of("logprobs", logprobs)));
    }

    @Test
    void anOperationThatIsNotKnownIsNamed() {
        refused(function("fft", "torch._C._fft.fft_fft", "{'ref': 'logprobs'}"), output("fft", ""))
                .withMessageStartingWith(
                        "the loss 'mine' node 'fft' (torch._C._fft.fft_fft) is not known here");
    }

    @Test
    void nothingIsReachedByAPathThroughAModule() {
        refused(function("os", "torch.os.system", "'true'"), output("os", ""))
                .withMessageContaining("(torch.os.system) is not known here");
        refused(function("eval", "builtins.eval", "'1'"), output("eval", ""))
                .withMessageContaining("(builtins.eval) is not known here");
    }

    @Test
    void anArgumentThatIsNotKnownIsNamed() {
        refused(
                        "{'op': 'call_method', 'name': 's', 'target': 'sum', 'args': [{'ref': 'logprobs'}], 'kwargs': {'out': 1}}",
                        output("s", ""))
                .withMessageContaining(
                        "has the argument 'out'; it takes [input, dim, keepdim, dtype]");
    }

    @Test
    void aMissingArgumentIsNamed() {
        refused(function("g", "torch.gather", "{'ref': 'logprobs'}, 0"), output("g", ""))
                .withMessageContaining("lacks the argument 'index'");
    }

    @Test
    void whatWouldBeDoneInPlaceIsRefused() {
        refused(
                        "{'op': 'call_method', 'name': 'm', 'target': 'mul_', 'args': [{'ref': 'logprobs'}, 2]}",
                        output("m", ""))
                .withMessageContaining("changes a tensor in place");
    }

    @Test
    void anAttributeThatIsNotKnownIsNamed() {
        refused(function("g", "getattr", "{'ref': 'logprobs'}, 'grad'"), output("g", ""))
                .withMessageContaining("asks for the attribute 'grad'");
    }

    @Test
    void anotherDeviceOrDtypeIsRefused() {
        refused(
                        function(
                                "to",
                                "torch.zeros_like",
                                "{'ref': 'logprobs'}, {'dtype': 'float16'}"),
                        output("to", ""))
                .withMessageContaining("uses the dtype float16");
        refused(
                        "{'op': 'call_method', 'name': 'to', 'target': 'to', 'args': [{'ref': 'logprobs'}, {'device': 'cuda:0'}]}",
                        output("to", ""))
                .withMessageContaining("uses the device cuda:0");
    }

    @Test
    void aReferenceToALaterNodeIsRefused() {
        refused(function("add", "operator.add", "{'ref': 'sum_1'}, 1"), SUM, output("add", ""))
                .withMessageContaining("refers to 'sum_1', which no node before it makes");
    }

    @Test
    void aLossThatDoesNotDependOnLogprobsIsRefused() {
        refused(function("one", "torch.ones", "1"), output("one", ""))
                .withMessageContaining("does not depend on logprobs");
        failed(
                        3,
                        SUM,
                        "{'op': 'call_method', 'name': 'd', 'target': 'detach', 'args': [{'ref': 'sum_1'}]}",
                        output("d", ""))
                .withMessageContaining("does not depend on logprobs");
    }

    @Test
    void aMetricOfAnotherNameIsRefused() {
        refused(SUM, output("sum_1", "'loss:sum': {'ref': 'sum_1'}"))
                .withMessageContaining("has the metric 'loss:sum'; it must be called custom/");
    }

    @Test
    void anOutputIsNeededAndIsTheLast() {
        refused(SUM).withMessageContaining("has no output node");
        refused(SUM, output("sum_1", ""), function("e", "torch.exp", "{'ref': 'sum_1'}"))
                .withMessageContaining("goes on after its output");
    }

    @Test
    void theInputsAreThoseThatWereDeclared() {
        LossGraph graph = Uploads.of(SUM, output("sum_1", ""));
        LossGraph more =
                new LossGraph(
                        "mine",
                        List.of(
                                new LossGraph.Input("logprobs", 1),
                                new LossGraph.Input("weights", 1)),
                        graph.nodes());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Program.of(more, Operators.ALL))
                .withMessageContaining("takes the inputs [logprobs]");
    }

    @Test
    void tooManyNodesAreRefused() {
        List<String> nodes = new ArrayList<>(List.of(SUM));
        IntStream.range(0, 1000)
                .forEach(i -> nodes.add(function("n" + i, "torch.exp", "{'ref': 'sum_1'}")));
        nodes.add(output("sum_1", ""));

        refused(nodes.toArray(String[]::new)).withMessageContaining("nodes; it may have 1000");
    }

    @Test
    void tooManyArgumentsAreRefused() {
        String list = "[" + "1, ".repeat(20_000) + "1]";

        refused(function("s", "torch.stack", list), output("s", ""))
                .withMessageContaining("more than 20000 arguments");
    }

    @Test
    void aTextThatIsTooLongIsRefused() {
        refused(function("n".repeat(300), "torch.exp", "1"), output("n", ""))
                .withMessageContaining("a text may have 256 letters");
    }

    @Test
    void aTensorThatIsTooLargeIsRefusedBeforeItIsMade() {
        failed(
                        4,
                        "{'op': 'call_method', 'name': 'r', 'target': 'repeat', 'args': [{'ref': 'logprobs'}, 1000000]}",
                        "{'op': 'call_method', 'name': 's', 'target': 'sum', 'args': [{'ref': 'r'}]}",
                        output("s", ""))
                .withMessageContaining("would have more than 1048576 values");
        failed(
                        4,
                        function("z", "torch.zeros", "2147483647, 2147483647, 2147483647"),
                        SUM,
                        function("a", "operator.add", "{'ref': 'z'}, {'ref': 'sum_1'}"),
                        output("a", ""))
                .withMessageContaining("would have more than 1048576 values");
    }

    @Test
    void tensorsThatAreTooLargeTogetherAreRefused() {
        List<String> nodes = new ArrayList<>();
        nodes.add(
                "{'op': 'call_method', 'name': 'n0', 'target': 'expand', 'args': [{'ref': 'logprobs'}, 100000, 4]}");
        for (int i = 1; i < 20; i++) {
            nodes.add(function("n" + i, "torch.exp", "{'ref': 'n%d'}".formatted(i - 1)));
        }
        nodes.add("{'op': 'call_method', 'name': 's', 'target': 'sum', 'args': [{'ref': 'n19'}]}");
        nodes.add(output("s", ""));

        failed(4, nodes.toArray(String[]::new))
                .withMessageContaining("more than 4194304 values together");
    }

    @Test
    void aProductThatTakesTooLongIsRefused() {
        failed(
                        4,
                        "{'op': 'call_method', 'name': 'r', 'target': 'expand', 'args': [{'ref': 'logprobs'}, 1000, 4]}",
                        "{'op': 'call_method', 'name': 'e', 'target': 'repeat', 'args': [{'ref': 'r'}, 1, 250]}",
                        function("m", "operator.matmul", "{'ref': 'e'}, {'ref': 'e'}"),
                        "{'op': 'call_method', 'name': 's', 'target': 'sum', 'args': [{'ref': 'm'}]}",
                        output("s", ""))
                .withMessageContaining("more than 67108864 multiplications");
    }

    @Test
    void shapesThatDoNotGoTogetherAreNamedWithTheirNode() {
        failed(
                        3,
                        function("z", "torch.zeros", "2"),
                        function("add", "operator.add", "{'ref': 'logprobs'}, {'ref': 'z'}"),
                        output("add", ""))
                .withMessage(
                        "the loss 'mine' fails at node 'add' (operator.add): the shapes [3] and [2] do not go together; each length must be the same, or 1");
    }

    @Test
    void aLossThatIsNoNumberIsRefused() {
        failed(3, function("e", "torch.exp", "{'ref': 'logprobs'}"), output("e", ""))
                .withMessageContaining(
                        "returns a loss of the shape [3]; it must be a single number");
    }

    @Test
    void theDocumentNamesEveryOperation() throws Exception {
        String page =
                java.nio.file.Files.readString(java.nio.file.Path.of("../docs/custom-losses.md"));

        assertThat(Operators.ALL.names())
                .allSatisfy(name -> assertThat(page).contains("`%s`".formatted(name)));
    }
}
