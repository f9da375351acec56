{{- define "hub.labels" -}}
app.kubernetes.io/name: placement-hub
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
{{- end }}

{{- define "hub.allLabels" -}}
{{ include "hub.labels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "hub.name" -}}
{{ printf "%s-%s" .root.Release.Name .service | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "hub.image" -}}
{{ printf "%s/%s:%s" .root.Values.image.repository .service (.root.Values.image.tag | default .root.Chart.AppVersion) }}
{{- end }}

{{- define "hub.secretEnv" -}}
{{- range $name, $key := .keys }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $.root.Values.secret }}, key: {{ $key }}}}
{{- end }}
{{- end }}

{{- define "hub.kafkaEnv" -}}
{{- $kafka := .root.Values.kafka }}
- {name: HUB_KAFKA_BOOTSTRAP, value: {{ required "kafka.bootstrap: host:port of your brokers" $kafka.bootstrap | quote }}}
- {name: HUB_KAFKA_SECURITY, value: {{ $kafka.security }}}
{{- if hasPrefix "sasl_" $kafka.security }}
- {name: HUB_KAFKA_MECHANISM, value: {{ $kafka.mechanism }}}
{{- include "hub.secretEnv" (dict "root" .root "keys" (dict
  "HUB_KAFKA_USERNAME" "kafka-username" "HUB_KAFKA_PASSWORD" "kafka-password")) }}
{{- end }}
{{- if $kafka.caSecret }}
- {name: HUB_KAFKA_CA_FILE, value: /etc/kafka-authority/ca.crt}
{{- end }}
{{- end }}

{{- define "hub.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if .root.Values.kafka.caSecret }}
- {name: kafka-authority, mountPath: /etc/kafka-authority, readOnly: true}
{{- end }}
{{- end }}

{{- define "hub.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 2Gi}
{{- with .root.Values.kafka.caSecret }}
- name: kafka-authority
  secret: {secretName: {{ . }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end }}

{{- define "hub.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "hub.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
