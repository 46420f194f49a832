package dev.tinsmith.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A loss of the client's own, uploaded and named.
class CustomLossTest {
    private static final String GRAPH =
            """
            {"format": 1, "nodes": [
              {"op": "placeholder", "name": "lp", "target": "logprobs", "args": [], "kwargs": {}},
              {"op": "call_method", "name": "s", "target": "sum", "args": [{"ref": "lp"}], "kwargs": {"dim": null}},
              {"op": "output", "name": "output", "target": "output", "args": [{"tuple": [{"ref": "s"}, {"dict": {}}]}], "kwargs": {}}]}\
            """;

    @TempDir Path data;
    private Running running;
    private String session;
    private String run;

    @BeforeEach
    void start() {
        running = Running.in(data);
        session = running.session();
        run = running.run(session);
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private Visit.Told upload(int number, String graph) {
        return upload(session, number, graph);
    }

    private Visit.Told upload(String owner, int number, String graph) {
        return running.visit.post(
                "/api/v1/create_custom_loss",
                """
                {"session_id": "%s", "custom_loss_seq_id": %d, "name": "mine", "type": "create_custom_loss",
                 "inputs": [{"name": "logprobs", "rank": 1}], "graph": %s}\
                """
                        .formatted(owner, number, graph));
    }

    private Visit.Told pass(int sequence, String loss) {
        return running.send(Passes.custom(run, sequence, loss, 3, 4));
    }

    @Test
    void aLossIsUploadedAndNamedByAPass() {
        String loss = running.visit.result(upload(0, GRAPH)).field("loss_id");

        assertThat(running.visit.result(pass(1, loss)).status()).isEqualTo(200);
        assertThat(running.engine.calls("forward")).containsExactly("forward_backward " + run);
    }

    @Test
    void anUploadThatComesTwiceIsPromisedOnce() {
        Visit.Told first = upload(0, GRAPH);

        assertThat(upload(0, GRAPH).field("request_id")).isEqualTo(first.field("request_id"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    "target": "sum"      | "target": "save"         | node 's' (save) is not known here
                    "op": "call_method"  | "op": "call_module"      | graph.nodes[1].op is 'call_module'
                    "format": 1          | "format": 2              | graph.format is 2
                    {"ref": "lp"}        | {"ref": 7}               | graph.nodes[1]: an argument is {"ref":7}
                    {"ref": "lp"}        | {"ref": "x", "y": 1}     | which this server cannot read
                    {"dim": null}        | 7                        | kwargs must be an object
                    {"dim": null}        | {"dimension": 0}         | has the argument 'dimension'
                    {"dim": null}        | {"dim": 99999999999999999999} | integers have 64 bits
                    "kwargs": {}}        | "kwargs": {}, "stack": 1} | stack is not a field
                    """)
    void aGraphThatIsNoneIsRefusedByName(String there, String instead, String words) {
        Visit.Told told = upload(0, GRAPH.replace(there, instead));

        assertThat(told.status()).isEqualTo(400);
        assertThat(told.text().replace("\\\"", "\"")).contains(words);
    }

    @Test
    void aLossOfAnotherSessionIsNotThere() {
        String loss = running.visit.result(upload(running.session(), 0, GRAPH)).field("loss_id");

        Visit.Told told = pass(1, loss);

        assertThat(told.status()).isEqualTo(400);
        assertThat(told.text()).contains("the session of this run has no such loss");
        assertThat(running.visit.result(running.step(run, 2, 1e-3)).text()).contains("grad_norm");
    }

    @Test
    void aLossNeedsASession() {
        assertThat(upload("nobody", 0, GRAPH).status()).isEqualTo(404);
        assertThat(upload(-1, GRAPH).status()).isEqualTo(400);
    }
}
