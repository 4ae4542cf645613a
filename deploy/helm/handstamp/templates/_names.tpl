{{- define "handstamp.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "handstamp.selector" -}}
app.kubernetes.io/name: handstamp
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "handstamp.labels" -}}
{{ include "handstamp.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "handstamp.secret" -}}
{{ default (include "handstamp.name" .) .Values.secret.existing }}
{{- end }}
