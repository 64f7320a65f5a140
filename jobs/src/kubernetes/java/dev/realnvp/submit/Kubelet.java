package dev.realnvp.submit;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateTerminatedBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A cluster without machines: an API server that keeps what it is given, and the part of the one
 * node's agent, which runs each pod's container as a process of this machine, out of an {@link
 * Image}, and reports how it is.
 */
final class Kubelet implements Watcher<Pod>, AutoCloseable {
  private static final String IP = "127.0.0.1";

  private final Path folder;
  private final Image image;
  private final KubernetesMockServer server;
  private final KubernetesClient client;
  private final Watch watch;
  private final Map<String, Process> processes = new ConcurrentHashMap<>();
  private final Map<String, Pod> pods = new ConcurrentHashMap<>();
  private final LinkedBlockingQueue<String> started = new LinkedBlockingQueue<>();

  /**
   * Starts them.
   *
   * @param folder for what the pods' volumes hold
   */
  Kubelet(Path folder, Image image) {
    this.folder = folder;
    this.image = image;
    server =
        new KubernetesMockServer(
            new Context(),
            new MockWebServer(),
            new HashMap<>(),
            new KubernetesCrudDispatcher(),
            false);
    server.init();
    client =
        new KubernetesClientBuilder().withConfig(server.createClient().getConfiguration()).build();
    watch = client.pods().inAnyNamespace().watch(this);
  }

  /** What {@code --master} takes. */
  String master() {
    return "k8s://http://" + IP + ":" + server.getPort();
  }

  /** The name of the next pod, in the order in which they were started. */
  String nextStarted() throws InterruptedException {
    return started.take();
  }

  /** As it was created. */
  Pod pod(String name) {
    return pods.get(name);
  }

  Process process(String name) {
    return processes.get(name);
  }

  KubernetesClient client() {
    return client;
  }

  @Override
  public void eventReceived(Action action, Pod pod) {
    String name = pod.getMetadata().getName();
    if (action == Action.ADDED) {
      pods.put(name, pod);
      start(pod);
    } else if (action == Action.DELETED && processes.containsKey(name)) {
      processes.get(name).destroy();
    }
  }

  @Override
  public void onClose(WatcherException cause) {}

  /** The services of this cluster are all here. */
  private Path hosts(Pod pod) throws IOException {
    Path hosts = folder.resolve(pod.getMetadata().getName() + ".hosts");
    StringBuilder lines = new StringBuilder(IP + " localhost\n");
    for (var service : client.services().inAnyNamespace().list().getItems()) {
      var it = service.getMetadata();
      lines.append("%s %s.%s.svc%n".formatted(IP, it.getName(), it.getNamespace()));
    }
    return Files.writeString(hosts, lines);
  }

  private void start(Pod pod) {
    String name = pod.getMetadata().getName();
    try {
      Container container = pod.getSpec().getContainers().get(0);
      Map<String, String> mounts = mount(pod, container);
      Map<String, String> environment = new LinkedHashMap<>();
      for (EnvVar variable : container.getEnv()) {
        environment.put(variable.getName(), seen(mounts, value(pod, variable)));
      }
      environment.put("JAVA_TOOL_OPTIONS", "-Djdk.net.hosts.file=" + hosts(pod));
      List<String> arguments = container.getArgs().stream().map(it -> seen(mounts, it)).toList();
      Process process =
          image
              .container(environment, arguments)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve(name + ".log").toFile())
              .start();
      processes.put(name, process);
      report(pod, new PodStatusBuilder().withPhase("Running").withPodIP(IP), null);
      started.add(name);
      process.onExit().thenAccept(ended -> ended(pod, ended.exitValue()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void ended(Pod pod, int code) {
    ContainerStateTerminated state =
        new ContainerStateTerminatedBuilder().withExitCode(code).build();
    report(
        pod,
        new PodStatusBuilder().withPhase(code == 0 ? "Succeeded" : "Failed").withPodIP(IP),
        state);
  }

  private void report(Pod pod, PodStatusBuilder status, ContainerStateTerminated terminated) {
    Container container = pod.getSpec().getContainers().get(0);
    status
        .addNewContainerStatus()
        .withName(container.getName())
        .withNewState()
        .withTerminated(terminated)
        .endState()
        .endContainerStatus();
    PodStatus reported = status.build();
    var there = client.pods().inNamespace(namespace(pod)).withName(pod.getMetadata().getName());
    if (there.get() != null) {
      there.editStatus(
          now -> {
            now.setStatus(reported);
            return now;
          });
    }
  }

  private static String namespace(Pod pod) {
    return pod.getMetadata().getNamespace();
  }

  private static String value(Pod pod, EnvVar variable) {
    if (variable.getValueFrom() == null) {
      return variable.getValue() == null ? "" : variable.getValue();
    }
    return switch (variable.getValueFrom().getFieldRef().getFieldPath()) {
      case "status.podIP" -> IP;
      case "metadata.name" -> pod.getMetadata().getName();
      default -> throw new IllegalStateException("No such field is known: " + variable);
    };
  }

  /** Makes the volumes, each a folder. Where a process sees a path, that is the folder's. */
  private Map<String, String> mount(Pod pod, Container container) throws IOException {
    Map<String, String> mounts = new LinkedHashMap<>();
    for (VolumeMount mount : container.getVolumeMounts()) {
      Path volume = folder.resolve(pod.getMetadata().getName()).resolve(mount.getName());
      mounts.put(mount.getMountPath(), Files.createDirectories(volume).toString());
    }
    for (Volume volume : pod.getSpec().getVolumes()) {
      if (volume.getConfigMap() != null) {
        Path to = folder.resolve(pod.getMetadata().getName()).resolve(volume.getName());
        ConfigMap map = configMap(pod, volume.getConfigMap().getName());
        for (KeyToPath item : volume.getConfigMap().getItems()) {
          String text = map.getData().get(item.getKey());
          Files.writeString(to.resolve(item.getPath()), seen(mounts, text));
        }
      } else if (volume.getEmptyDir() == null) {
        throw new IllegalStateException("No such volume is known: " + volume);
      }
    }
    return mounts;
  }

  private ConfigMap configMap(Pod pod, String name) {
    ConfigMap map = client.configMaps().inNamespace(namespace(pod)).withName(name).get();
    if (map == null) {
      throw new IllegalStateException("There is no config map " + name);
    }
    return map;
  }

  private String seen(Map<String, String> mounts, String text) {
    String seen = text;
    for (Map.Entry<String, String> mount : mounts.entrySet()) {
      seen = seen.replace(mount.getKey(), mount.getValue());
    }
    return Image.inside(image.root(), seen);
  }

  @Override
  public void close() {
    watch.close();
    for (Process process : processes.values()) {
      process.destroyForcibly().onExit().join();
    }
    client.close();
    server.destroy();
  }
}
