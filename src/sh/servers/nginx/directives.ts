import { type Directive, NginxError } from './syntax.ts';

type Context = 'main' | 'events' | 'http' | 'server' | 'location' | 'upstream' | 'if' | 'stream' | 'other';

/** Directives that belong to certain blocks alone. */
const PLACES: Record<string, Context[]> = {
  events: ['main'],
  http: ['main'],
  stream: ['main'],
  user: ['main'],
  worker_processes: ['main'],
  worker_connections: ['events'],
  server: ['http', 'upstream', 'stream'],
  upstream: ['http', 'stream'],
  location: ['server', 'location'],
  listen: ['server'],
  server_name: ['server'],
  root: ['http', 'server', 'location', 'if'],
  alias: ['location'],
  index: ['http', 'server', 'location'],
  try_files: ['server', 'location'],
  proxy_pass: ['location', 'if', 'server'],
  return: ['server', 'location', 'if'],
  rewrite: ['server', 'location', 'if'],
  if: ['server', 'location'],
  types: ['http', 'server', 'location'],
  include: ['main', 'events', 'http', 'server', 'location', 'upstream', 'if', 'stream', 'other'],
};

/** Blocks whose content is no directives of their own: media types, values of a map. */
const FREE = new Set(['types', 'map', 'geo', 'split_clients', 'limit_except', 'charset_map']);

/** The rest of what nginx and its usual modules know. */
const NAMES = new Set(
  `absolute_redirect accept_mutex access_log add_after_body add_before_body add_header add_trailer addition_types aio allow ancient_browser auth_basic
  auth_basic_user_file auth_request auth_request_set autoindex autoindex_exact_size autoindex_format autoindex_localtime break charset charset_map charset_types
  chunked_transfer_encoding client_body_buffer_size client_body_in_file_only client_body_temp_path client_body_timeout client_header_buffer_size client_header_timeout
  client_max_body_size connection_pool_size create_full_put_path daemon dav_access dav_methods debug_connection default_type deny directio disable_symlinks empty_gif env
  error_log error_page etag expires fastcgi_buffer_size fastcgi_buffers fastcgi_cache fastcgi_cache_key fastcgi_cache_path fastcgi_connect_timeout fastcgi_hide_header fastcgi_index
  fastcgi_intercept_errors fastcgi_param fastcgi_pass fastcgi_read_timeout fastcgi_send_timeout fastcgi_split_path_info fastcgi_temp_path flv geo grpc_pass grpc_set_header
  gunzip gzip gzip_buffers gzip_comp_level gzip_disable gzip_http_version gzip_min_length gzip_proxied gzip_static gzip_types gzip_vary hash health_check http2
  http2_max_concurrent_streams if_modified_since ignore_invalid_headers internal ip_hash keepalive keepalive_disable keepalive_requests keepalive_time keepalive_timeout
  large_client_header_buffers least_conn limit_conn limit_conn_log_level limit_conn_status limit_conn_zone limit_except limit_rate limit_rate_after limit_req limit_req_log_level
  limit_req_status limit_req_zone lingering_close lingering_timeout load_module log_format log_not_found log_subrequest map map_hash_bucket_size map_hash_max_size master_process
  max_ranges merge_slashes min_delete_depth mirror modern_browser mp4 msie_padding msie_refresh multi_accept open_file_cache open_file_cache_errors open_file_cache_min_uses
  open_file_cache_valid open_log_file_cache output_buffers override_charset pcre_jit pid port_in_redirect postpone_output proxy_bind proxy_buffer_size proxy_buffering proxy_buffers
  proxy_busy_buffers_size proxy_cache proxy_cache_bypass proxy_cache_key proxy_cache_lock proxy_cache_methods proxy_cache_path proxy_cache_use_stale proxy_cache_valid
  proxy_connect_timeout proxy_cookie_domain proxy_cookie_path proxy_hide_header proxy_http_version proxy_ignore_headers proxy_intercept_errors proxy_max_temp_file_size proxy_method
  proxy_next_upstream proxy_next_upstream_timeout proxy_next_upstream_tries proxy_no_cache proxy_pass_header proxy_pass_request_body proxy_pass_request_headers proxy_protocol
  proxy_read_timeout proxy_redirect proxy_request_buffering proxy_send_timeout proxy_set_body proxy_set_header proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_name
  proxy_ssl_protocols proxy_ssl_server_name proxy_ssl_trusted_certificate proxy_ssl_verify proxy_store proxy_temp_path random real_ip_header real_ip_recursive recursive_error_pages
  referer_hash_bucket_size request_pool_size reset_timedout_connection resolver resolver_timeout rewrite_log satisfy scgi_pass scgi_temp_path send_timeout sendfile
  sendfile_max_chunk server_name_in_redirect server_names_hash_bucket_size server_names_hash_max_size server_tokens set set_real_ip_from slice split_clients ssi ssi_types ssl
  ssl_buffer_size ssl_certificate ssl_certificate_key ssl_ciphers ssl_client_certificate ssl_dhparam ssl_ecdh_curve ssl_password_file ssl_prefer_server_ciphers ssl_preread
  ssl_protocols ssl_session_cache ssl_session_tickets ssl_session_timeout ssl_stapling ssl_stapling_verify ssl_trusted_certificate ssl_verify_client ssl_verify_depth status_zone
  stub_status sub_filter sub_filter_once sub_filter_types subrequest_output_buffer_size tcp_nodelay tcp_nopush timer_resolution types_hash_bucket_size types_hash_max_size
  underscores_in_headers uninitialized_variable_warn use userid uwsgi_param uwsgi_pass uwsgi_temp_path valid_referers variables_hash_bucket_size variables_hash_max_size
  worker_aio_requests worker_cpu_affinity worker_priority worker_rlimit_core worker_rlimit_nofile worker_shutdown_timeout working_directory xslt_stylesheet zone`.split(
    /\s+/,
  ),
);

const CONTEXTS = new Set(['events', 'http', 'server', 'location', 'upstream', 'if', 'stream']);

/** Directives that cannot be without a value, beside those that may. */
const BARE = new Set([
  'ip_hash',
  'least_conn',
  'random',
  'internal',
  'break',
  'stub_status',
  'empty_gif',
  'flv',
  'mp4',
  'server',
  'http',
  'events',
  'stream',
  'types',
  'if',
]);

/** What may follow the address of `listen`. */
const LISTEN =
  /^(default(_server)?|ssl|http2|quic|proxy_protocol|bind|reuseport|deferred|udp|(setfib|fastopen|backlog|rcvbuf|sndbuf|accept_filter|ipv6only|so_keepalive)=.*)$/;

/** Throws NginxError for what nginx does not know, or not there. */
export function checkDirectives(directives: Directive[], context: Context = 'main'): void {
  for (const { name, args, at, block } of directives) {
    const places = PLACES[name];
    if (!places && !NAMES.has(name)) throw new NginxError(`unknown directive "${name}" in ${at}`);
    if (places && !places.includes(context) && context !== 'other')
      throw new NginxError(`"${name}" directive is not allowed here in ${at}`);
    if (args.length === 0 && !BARE.has(name))
      throw new NginxError(`invalid number of arguments in "${name}" directive in ${at}`);
    if (
      name === 'listen' &&
      args.some((arg, index) => index === 0 && !/^(\[[^\]]*\]:|[\w.*-]+:)?\d+$|^\[?[\w.:*-]+\]?$|^unix:/.test(arg))
    )
      throw new NginxError(`host not found in "${args[0]}" of the "listen" directive in ${at}`);
    const stray = name === 'listen' ? args.slice(1).find((arg) => !LISTEN.test(arg)) : undefined;
    if (stray !== undefined) throw new NginxError(`invalid parameter "${stray}" in ${at}`);
    if (block && !FREE.has(name)) checkDirectives(block, CONTEXTS.has(name) ? (name as Context) : 'other');
  }
}
