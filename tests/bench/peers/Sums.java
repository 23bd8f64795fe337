import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

/** The sum of a number for each key, in Kafka Streams: in-memory store with its changelog, record cache as it ships. */
public final class Sums {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    public static void main(String[] arguments) {
        StreamsBuilder builder = new StreamsBuilder();
        Serializer<Long> text = (topic, sum) -> sum.toString().getBytes(StandardCharsets.US_ASCII);
        builder.stream(of("SOURCE"), Consumed.with(Serdes.Bytes(), Serdes.ByteArray()))
            .mapValues(Sums::number)
            .groupByKey(Grouped.with(Serdes.Bytes(), Serdes.Long()))
            .aggregate(
                () -> 0L,
                (key, number, sum) -> sum + number,
                Materialized.<org.apache.kafka.common.utils.Bytes, Long>as(Stores.inMemoryKeyValueStore("sums"))
                    .withKeySerde(Serdes.Bytes())
                    .withValueSerde(Serdes.Long()))
            .toStream()
            .to(of("SINK"), Produced.with(Serdes.Bytes(), Serdes.serdeFrom(text, (topic, bytes) -> null)));
        KafkaStreams streams = new KafkaStreams(builder.build(), settings());
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    private static long number(byte[] value) {
        try {
            JsonNode quantity = MAPPER.readTree(value).get("data").get("quantity");
            JsonNode best = quantity.get("best");
            return best.isNull() ? quantity.get("low").asLong() : best.asLong();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static Properties settings() {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, of("GROUP"));
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, of("BOOTSTRAP"));
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, of("GUARANTEE"));
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, of("COMMIT_MS"));
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "1");
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, "1");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, System.getenv("TMPDIR") + "/state");
        settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        settings.put(StreamsConfig.consumerPrefix("max.partition.fetch.bytes"), of("FETCH_BYTES"));
        settings.put(StreamsConfig.producerPrefix("acks"), "all");
        settings.put(StreamsConfig.producerPrefix("enable.idempotence"), "true");
        return settings;
    }

    private static String of(String name) {
        return System.getenv("BENCH_" + name);
    }
}
